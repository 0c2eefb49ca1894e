//! Small bodies: what is joined, and what is lost.

use super::{accepts, refuses};

/// Bodies of an `async fn` that join everything.
const JOINED: &[&str] = &[
    "let h = tokio::spawn(a()); h.await;",
    "let h = tokio::spawn(a()); (&mut h).await;",
    "let h = tokio::spawn(a()); f(h);",
    "let h = tokio::spawn(a()); return h;",
    "let h = tokio::spawn(a()); h",
    "tokio::spawn(a())",
    "tokio::spawn(a()).await?;",
    "let h = tokio::spawn(a()); let g = h; g.await",
    "let h; if c { h = tokio::spawn(a()); } else { h = tokio::spawn(b()); } h.await;",
    "let h = if c { tokio::spawn(a()) } else { tokio::spawn(b()) }; h.await;",
    "let h = tokio::spawn(a()); if c { h.await; } else { f(h) }",
    "let h = tokio::spawn(a()); if c { h.await; return; } h.await;",
    "let h = tokio::spawn(a()); if c { panic!() } h.await;",
    "let h = tokio::spawn(a()); if c { loop {} } h.await;",
    "let h = tokio::spawn(a()); if c { std::process::exit(1); } h.await;",
    "let h = tokio::spawn(a()); if c { std::future::pending::<()>().await; } h.await;",
    "let h = tokio::spawn(a()); let Some(x) = y else { unreachable!() }; h.await;",
    "let h = tokio::spawn(a()); self.h = h;",
    "self.h = Some(tokio::spawn(a()));",
    "let w = Worker { h: tokio::spawn(a()), x };",
    "let h = tokio::spawn(a()); let w = Worker { h, x };",
    "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); a.await; b.await;",
    "let [a, b] = [tokio::spawn(a()), tokio::spawn(b())]; a.await; b.await;",
    "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); tokio::join!(a, b);",
    "let mut hs = Vec::new(); for x in xs { hs.push(tokio::spawn(a(x))); } for h in hs { h.await; }",
    "let mut hs = vec![]; hs.push(tokio::spawn(a())); join_all(hs).await;",
    "let hs = vec![tokio::spawn(a()), tokio::spawn(b())]; for h in hs { h.await; }",
    "let hs: Vec<_> = xs.into_iter().map(|x| tokio::spawn(a(x))).collect(); join_all(hs).await;",
    "join_all(xs.into_iter().map(|x| tokio::spawn(a(x)))).await;",
    "let hs = xs.iter().map(|x| tokio::spawn(a(x))); f()?; join_all(hs).await;",
    "let mut hs = Vec::new(); hs.push(tokio::spawn(a())); while let Some(h) = hs.pop() { h.await; }",
    "let mut hs = Vec::new(); hs.push(tokio::spawn(a())); for h in &mut hs { h.await; }",
    "let mut hs = Vec::new(); hs.push(tokio::spawn(a())); for h in hs.iter_mut() { h.await; }",
    "let mut hs = Vec::new(); hs.push(tokio::spawn(a())); for h in hs.drain(..) { h.await; }",
    "let mut hs = Vec::new(); hs.push(tokio::spawn(a())); self.hs.extend(hs);",
    "let mut a = Vec::new(); a.push(tokio::spawn(a())); let mut b = Vec::new(); b.append(&mut a); join_all(b).await;",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } if let Some(h) = h { h.await; }",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } if let Some(h) = h.take() { h.await; }",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } if let Some(h) = &mut h { h.await; }",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } if let Some(h) = h.as_mut() { h.await; }",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } match h { Some(h) => { h.await; } None => {} }",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } match h { Some(h) => { h.await; } _ => {} }",
    "let mut h = None; if c { h = Some(tokio::spawn(a())); } if h.is_some() { h.unwrap().await; }",
    "let mut h = None; loop { if h.is_none() { h = Some(tokio::spawn(a())); } if c { break; } } if let Some(h) = h { h.await; }",
    "let mut h: Option<JoinHandle<()>> = None; for x in xs { if let Some(h) = h.take() { h.await; } h = Some(tokio::spawn(a(x))); } if let Some(h) = h { h.await; }",
    "let Some(h) = Some(tokio::spawn(a())) else { return }; h.await;",
    "let h = c.then(|| tokio::spawn(a())); if let Some(h) = h { h.await; }",
    "let mut h = tokio::spawn(a()); loop { tokio::select! { r = &mut h => { break; } _ = tick.tick() => {} } }",
    "let mut h = tokio::spawn(a()); tokio::select! { r = &mut h => {} _ = stop => { h.abort(); h.await; } }",
    "let mut h = tokio::spawn(a()); tokio::pin!(h); loop { tokio::select! { r = &mut h => break, _ = tick.tick() => continue } }",
    "let mut h = tokio::spawn(a()); if tokio::time::timeout(d, &mut h).await.is_err() { h.abort(); let _ = h.await; }",
    "let mut h = tokio::spawn(a()); match timeout(d, &mut h).await { Ok(r) => r?, Err(_) => { h.abort(); h.await; } }",
    "let mut h = tokio::spawn(a()); match timeout(d, &mut h).await { Ok(Ok(r)) => f(r), Ok(Err(e)) => g(e), Err(_) => { h.abort(); h.await; } }",
    "let mut h = tokio::spawn(a()); if let Err(_) = timeout(d, &mut h).await { h.abort(); h.await; }",
    "let mut h = tokio::spawn(a()); let r = timeout(d, &mut h).await; f(r);",
    "let mut h = tokio::spawn(a()); timeout(d, &mut h).await.unwrap();",
    "timeout(d, async { h.await }).await?;",
    "let h = tokio::spawn(a()); timeout(d, async move { h.await }).await;",
    "let h = tokio::spawn(a()); tokio::spawn(async move { h.await; }).await;",
    "let h = tokio::spawn(a()); let f = || h.is_finished(); while !f() {} h.await;",
    "let h = tokio::spawn(a()); rejoin::detach(h, \"why\");",
    "let h = std::thread::spawn(f); h.join().unwrap();",
    "let h = tokio::spawn(a()); println!(\"{h:?}\"); h.await;",
    "let h = tokio::spawn(a()); custom!(h);",
    "let h = tokio::spawn(a()); 'a: { if c { break 'a; } if d { h.await; return; } panic!() } h.await;",
    "let h = 'a: loop { if c { break 'a tokio::spawn(a()); } }; h.await;",
    "let h = loop { break tokio::spawn(a()); }; h.await?;",
    "let h = tokio::spawn(a()); while c { f(); } h.await;",
    "let mut h = tokio::spawn(a()); while c { h.await; h = tokio::spawn(a()); } h.await;",
    "let h = tokio::spawn(a()); match x { 1 => h.await, 2 | 3 => f(h), _ if c => { h.await; } _ => panic!() }",
    "let h = tokio::spawn(a()); match h { h => h.await };",
    "let h = tokio::spawn(a()); let r = match work().await { Ok(x) => x, Err(e) => { h.abort(); let _ = h.await; return Err(e); } }; h.await?; r",
    "tokio::spawn(async move { loop { let (s, _) = l.accept().await.unwrap(); let h = tokio::spawn(run(s)); h.await; } }).await;",
    "#[cfg(a)] let h = tokio::spawn(a()); #[cfg(not(a))] let h = tokio::spawn(b()); h.await;",
    "let h = tokio::spawn(a()); #[cfg(a)] h.await; #[cfg(not(a))] f(h);",
    "let (tx, rx) = channel(); let h = tokio::spawn(a(rx)); drop(tx); h.await;",
    "let h = tokio::spawn(a()); let r = tokio::try_join!(async { h.await }, b()); r?;",
    "let mut a = tokio::spawn(a()); let mut b = tokio::spawn(b()); if tokio::try_join!(&mut a, &mut b).is_err() { a.await; b.await; }",
    "set.spawn(a()); tracker.spawn(a());",
    "let set = JoinSet::new(); set.spawn(a());",
    "let mut guard = self.hs.lock().unwrap(); guard.push(tokio::spawn(a()));",
    "let hs = &mut self.hs; hs.push(tokio::spawn(a()));",
    "let h = tokio::spawn(a()); if let Err(e) = work().await { h.abort(); h.await; return Err(e); } h.await;",
    "let h = tokio::spawn(a()); let x = dbg!(h); x.await;",
    "let mut m = HashMap::new(); for x in xs { m.insert(x, tokio::spawn(a(x))); } for (x, h) in m { h.await; }",
    "let h = tokio::spawn(a()); ensure!(true, \"x\"); h.await;",
    "let h = unsafe { tokio::spawn(a()) }; h.await;",
    "let h = Box::pin(tokio::spawn(a())); h.await;",
    "let t = (tokio::spawn(a()), 1); t.0.await;",
    "let h = tokio::spawn(a()); let f = async { h.await }; f.await;",
    "let h = tokio::spawn(a()); let _guard = h; f(_guard);",
    "let h = tokio::spawn(a()); loop { if h.is_finished() { break; } } h.await;",
    "let h = tokio::spawn(a()); if let Some(x) = y && let Ok(z) = x.get() { h.await; } else { h.await; }",
    "let h = tokio::spawn(a()); h.await.map_err(|e| f(e))?;",
    "let ref h = tokio::spawn(a()); h.abort(); loop {}",
    "let mut h = tokio::spawn(w()); let r = timeout(D, &mut h).await; if r.is_err() { h.abort(); h.await; }",
    "let mut h = tokio::spawn(w()); let r = timeout(D, &mut h).await; match r { Ok(x) => f(x), Err(_) => { h.abort(); h.await; } }",
    "let mut h = tokio::spawn(w()); let late = timeout(D, &mut h).await.is_err(); if late { h.abort(); h.await; }",
    "let mut h = tokio::spawn(w()); let r = timeout(D, &mut h).await; let Ok(x) = r else { h.abort(); h.await; return; }; f(x)",
    "let mut h = tokio::spawn(w()); let r = timeout(D, &mut h).await; check(r);",
    "let mut h = tokio::spawn(w()); let won = tokio::select! { _ = &mut h => true, _ = stop() => false }; if won { return; } h.await;",
    "let mut h = tokio::spawn(w()); let n = tokio::select! { r = &mut h => r.unwrap(), _ = stop() => 0 }; if n > 0 { f(); } else { h.await; }",
    "let mut h = tokio::spawn(w()); let r = match timeout(D, &mut h).await { Ok(r) => Some(r), Err(_) => None }; if let Some(r) = r { f(r) } else { h.await; }",
    "let s = tokio::spawn(serve()); tokio::select! { _ = ctrl_c() => std::process::exit(0), _ = s => {} }",
    "let s = tokio::spawn(serve()); tokio::select! { _ = ctrl_c() => { if c { panic!() } loop { wait().await } } _ = s => {} }",
    "let t = tokio::spawn(work()); for i in 2.. { if take(i).is_none() { t.await.unwrap(); return; } }",
    "let mut ts = vec![tokio::spawn(work())]; while ts.len() > 0 { let t = ts.remove(0); t.await; }",
    "let mut ts = vec![]; loop { ts.retain(|t| !t.is_finished()); ts.push(tokio::spawn(work())); if c { break; } } join_all(ts).await;",
    "let mut running = FuturesUnordered::new(); loop { tokio::select! { Some(job) = jobs.recv() => running.push(tokio::spawn(work(job))), Some(done) = running.next() => done.unwrap(), else => break, } }",
    "let mut running = FuturesUnordered::new(); loop { tokio::select! { job = jobs.recv() => match job { Some(job) => running.push(tokio::spawn(work(job))), None => break }, Some(done) = running.next(), if !running.is_empty() => done.unwrap() } } while let Some(done) = running.next().await { done.unwrap(); }",
    "let mut w = tokio::spawn(work()); let _ = timeout(D, &mut w).await; w.abort(); let _ = w.await;",
    "let t = Some(Some(tokio::spawn(work()))); if let Some(Some(t)) = t { t.await; }",
    "let t = Some(Ok(tokio::spawn(work()))); if let Some(Ok(t)) = t { t.await; }",
    "let mut ts = vec![tokio::spawn(work(1)), tokio::spawn(work(2))]; for i in 0..ts.len() { (&mut ts[i]).await.unwrap(); }",
    "let mut a = tokio::spawn(work()); match timeout(limit, &mut a).await { Ok(Ok(x)) => {} Ok(Err(_)) => {} Err(_) => { a.abort(); let _ = a.await; } }",
    "let mut a = tokio::spawn(work()); match timeout(limit, &mut a).await { Err(e) => { a.abort(); let _ = a.await; } Ok(Ok(x)) | Ok(Err(x)) => f(x) }",
    "let mut a = tokio::spawn(work()); match timeout(limit, &mut a).await { r => f(r) }",
    "let mut h = tokio::spawn(work()); tokio::select! { _ = &mut h => {} _ = stop() => {} } if !h.is_finished() { h.abort(); let _ = h.await; }",
    "let mut a = tokio::spawn(work(1)); let mut b = tokio::spawn(work(2)); match tokio::try_join!(&mut a, &mut b) { Ok(both) => Ok(both), Err(error) => { for rest in [a, b] { if !rest.is_finished() { rest.abort(); let _ = rest.await; } } Err(error) } }",
    "let mut h = tokio::spawn(w()); let r = tokio::select! { r = &mut h => Some(r), _ = stop() => None }; match r { Some(r) => r.unwrap(), None => { h.abort(); let _ = h.await; } }",
    "let mut h = tokio::spawn(w()); let r = tokio::select! { r = &mut h => Some(r), _ = stop() => None }; if r.is_none() { h.await; }",
    "let mut h = tokio::spawn(w()); let r = tokio::select! { r = &mut h => Some(r), _ = stop() => None }; if let Some(r) = r { return r; } h.await;",
    "let mut h = tokio::spawn(w()); let mut done = false; loop { tokio::select! { _ = &mut h, if !done => done = true, m = inbox.recv() => if m.is_none() { break } } } if !done { h.await.unwrap(); }",
    "let mut h = tokio::spawn(w()); let mut done = false; while !done { tokio::select! { _ = &mut h => { done = true; } m = inbox.recv() => f(m) } }",
    "let mut h = tokio::spawn(w()); let mut done = false; loop { if done { break; } tokio::select! { _ = &mut h => { done = true; } m = inbox.recv() => f(m) } }",
    "let mut h = tokio::spawn(w()); let mut live = true; if c() { h.await; live = false; } if live && d() { h.await; } else if live { f(h) }",
    "let h = tokio::spawn(a()); let ref r = h; r.abort(); h.await;",
    "let mut hs = FuturesUnordered::new(); for x in xs { hs.push(tokio::spawn(a(x))); } for _ in 0..n { hs.next().await; }",
    "let mut hs = vec![]; for x in xs { hs.push(tokio::spawn(a(x))); } while n > 0 { hs.pop().unwrap().await; n -= 1; }",
    "let h = self.port.as_ref().map(|p| tokio::spawn(a(p))); if let Some(h) = h { h.await; }",
    "let port = self.port.take(); let all = port.into_iter(); let all = all.map(|p| tokio::spawn(a(p)));",
    "let k = Holder { b: load()?, a: tokio::spawn(b()) };",
    "#[cfg(a)] return 1; #[cfg(not(a))] tokio::spawn(a())",
];

/// Bodies that lose a handle: how many, and a word of each message or of the one at the exit.
const LOST: &[(&str, &[&str])] = &[
    ("tokio::spawn(a());", &["dropped at once"]),
    ("let _ = tokio::spawn(a());", &["dropped at once"]),
    ("_ = tokio::spawn(a());", &["dropped at once"]),
    ("drop(tokio::spawn(a()));", &["dropped at once"]),
    ("let _h = tokio::spawn(a()); f();", &["nothing uses `_h`"]),
    (
        "if c { tokio::spawn(a()) } else { tokio::spawn(b()) };",
        &["dropped at once", "dropped at once"],
    ),
    ("let h = tokio::spawn(a());", &["the function ends here"]),
    (
        "let mut hs = FuturesUnordered::new(); for x in xs { while n > 8 { hs.next().await; n -= 1; } hs.push(tokio::spawn(a(x))); }",
        &["the function ends here"],
    ),
    (
        "let mut hs = vec![tokio::spawn(a())]; while hs.len() > 8 { hs.pop().unwrap().await; }",
        &["the function ends here"],
    ),
    (
        "let mut hs = vec![tokio::spawn(a())]; for x in xs { if x { break; } hs.pop().unwrap().await; }",
        &["the function ends here"],
    ),
    (
        "let h = self.port.as_ref().map(|p| tokio::spawn(a(p))); f();",
        &["the function ends here"],
    ),
    ("Some(p).map(|p| tokio::spawn(a(p)));", &["dropped at once"]),
    (
        "let h = tokio::spawn(a()); f()?; h.await;",
        &["`?` returns early here"],
    ),
    (
        "let h = tokio::spawn(a()); f(h, g()?);",
        &["`?` returns early here"],
    ),
    ("f(tokio::spawn(a()), g()?);", &["`?` returns early here"]),
    (
        "let h = tokio::spawn(a()); if c { return; } h.await;",
        &["the function returns early here"],
    ),
    (
        "let h = tokio::spawn(a()); if c { h.await; }",
        &["the function ends here"],
    ),
    (
        "let h = tokio::spawn(a()); match x { 1 => { h.await; } _ => {} }",
        &["the function ends here"],
    ),
    (
        "loop { let h = tokio::spawn(a()); if c { break; } h.await; }",
        &["`break` leaves"],
    ),
    (
        "loop { let h = tokio::spawn(a()); if c { continue; } h.await; }",
        &["`continue` leaves"],
    ),
    (
        "loop { let h = tokio::spawn(a()); if c { break 'x; } h.await; }",
        &[],
    ),
    (
        "'x: loop { let h = tokio::spawn(a()); loop { if c { break 'x; } } }",
        &["`break` leaves"],
    ),
    (
        "for x in xs { let h = tokio::spawn(a()); }",
        &["out of scope here"],
    ),
    (
        "let mut h = tokio::spawn(a()); h = tokio::spawn(b()); h.await;",
        &["overwritten here"],
    ),
    (
        "let mut h = tokio::spawn(a()); while c { h = tokio::spawn(b()); } h.await;",
        &["overwritten", "overwritten"],
    ),
    (
        "let mut h = None; for x in xs { h = Some(tokio::spawn(a())); } if let Some(h) = h { h.await; }",
        &["overwritten here"],
    ),
    ("let h = tokio::spawn(a()); drop(h);", &["dropped here"]),
    (
        "let h = tokio::spawn(a()); std::mem::drop(h);",
        &["dropped here"],
    ),
    (
        "let h = tokio::spawn(a()); std::mem::forget(h);",
        &["forgotten here"],
    ),
    (
        "let h = tokio::spawn(a()); let _ = h;",
        &["given to `_` here"],
    ),
    ("let h = tokio::spawn(a()); _ = h;", &["given to `_` here"]),
    (
        "let h = tokio::spawn(a()); h.abort();",
        &["`abort()` only asks"],
    ),
    (
        "let a = tokio::spawn(a()).abort_handle();",
        &["dropped at once"],
    ),
    (
        "let h = tokio::spawn(a()); timeout(d, h).await;",
        &["time is up"],
    ),
    (
        "tokio::time::timeout(d, tokio::spawn(a())).await;",
        &["time is up"],
    ),
    (
        "let mut h = tokio::spawn(a()); timeout(d, &mut h).await?;",
        &["`?` returns early"],
    ),
    (
        "let mut h = tokio::spawn(a()); let r = timeout(d, &mut h).await.map_err(|_| E)??;",
        &["`?` returns early"],
    ),
    (
        "let mut h = tokio::spawn(a()); if timeout(d, &mut h).await.is_err() { h.abort(); }",
        &["`abort()` only asks"],
    ),
    (
        "let mut h = tokio::spawn(a()); match timeout(d, &mut h).await { Ok(r) => f(r), Err(_) => {} }",
        &["the function ends here"],
    ),
    (
        "let mut h = tokio::spawn(a()); match timeout(d, &mut h).await { Ok(r) => f(r), _ => {} }",
        &["the function ends here"],
    ),
    (
        "let h = tokio::spawn(a()); tokio::select! { r = h => {} _ = stop => {} }",
        &["another branch"],
    ),
    (
        "let mut h = tokio::spawn(a()); tokio::select! { r = &mut h => {} _ = stop => {} }",
        &["the function ends here"],
    ),
    (
        "let mut h = tokio::spawn(a()); tokio::select! { biased; r = &mut h, if c => {} _ = stop => return, else => {} }",
        &["returns early here"],
    ),
    (
        "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); tokio::try_join!(a, b)?;",
        &["another one fails", "another one fails"],
    ),
    (
        "let (mut a, mut b) = (tokio::spawn(a()), tokio::spawn(b())); tokio::try_join!(&mut a, &mut b)?;",
        &["`?` returns", "`?` returns"],
    ),
    (
        "let mut hs = Vec::new(); for x in xs { hs.push(tokio::spawn(a(x))); }",
        &["in `hs`"],
    ),
    (
        "let mut hs = Vec::new(); for x in xs { f()?; hs.push(tokio::spawn(a(x))); } join_all(hs).await;",
        &["`?` returns"],
    ),
    (
        "let hs = vec![tokio::spawn(a())]; drop(hs);",
        &["dropped here"],
    ),
    (
        "let hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); f()?; join_all(hs).await;",
        &["`?` returns"],
    ),
    (
        "let mut hs = vec![]; hs.push(tokio::spawn(a())); for h in &hs { h.abort(); }",
        &["`abort()` only asks"],
    ),
    (
        "let mut hs = vec![]; hs.push(tokio::spawn(a())); for h in hs { h.abort(); }",
        &["`abort()` only asks"],
    ),
    (
        "let mut hs = vec![]; hs.push(tokio::spawn(a())); hs.clear();",
        &["`hs` is cleared"],
    ),
    (
        "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); a.await?; b.await?;",
        &["`?` returns"],
    ),
    (
        "let (a, _) = (tokio::spawn(a()), tokio::spawn(b())); a.await;",
        &["dropped at once"],
    ),
    (
        "let h = tokio::spawn(a()); let h = tokio::spawn(b()); h.await;",
        &["the function ends here"],
    ),
    (
        "let h = tokio::spawn(a()); { let h = tokio::spawn(b()); } h.await;",
        &["out of scope here"],
    ),
    (
        "let mut h = None; if c { h = Some(tokio::spawn(a())); }",
        &["the function ends here"],
    ),
    (
        "let h = Some(tokio::spawn(a())); match h { Some(h) if c => { h.await; } _ => {} }",
        &["the function ends here"],
    ),
    (
        "let h = tokio::spawn(a()); let Some(x) = y else { return; }; h.await;",
        &["returns early here"],
    ),
    (
        "let h = tokio::spawn(a()); tokio::spawn(async move { if c { h.await; } }).await;",
        &["has taken its handle ends"],
    ),
    (
        "let h = tokio::spawn(a()); let f = async move { g()?; h.await }; f.await;",
        &["`?` returns early here"],
    ),
    (
        "let h = tokio::spawn(a()); let f = move || h.is_finished(); f();",
        &["has taken its handle ends"],
    ),
    (
        "let h = tokio::spawn(a()); let f = || h.is_finished(); f();",
        &["the function ends here"],
    ),
    (
        "let f = || { tokio::spawn(a()); }; f();",
        &["dropped at once"],
    ),
    (
        "tokio::spawn(async move { tokio::spawn(b()); }).await;",
        &["dropped at once"],
    ),
    (
        "let h = std::thread::spawn(f); g()?; h.join();",
        &["call `h.join()`"],
    ),
    ("std::thread::spawn(f);", &["this thread is never joined"]),
    (
        "let h = tokio::spawn(a()); println!(\"{:?}\", h);",
        &["the function ends here"],
    ),
    (
        "let h = tokio::spawn(a()); tracing::info!(?h, \"x\");",
        &["the function ends here"],
    ),
    (
        "let h = tokio::spawn(a()); bail!(\"x\");",
        &["returns early here"],
    ),
    (
        "let h = tokio::spawn(a()); ensure!(c, \"x\"); h.await;",
        &["returns early here"],
    ),
    ("#[cfg(a)] tokio::spawn(a());", &["dropped at once"]),
    (
        "let t = (tokio::spawn(a()), tokio::spawn(b()));",
        &["function ends", "function ends"],
    ),
    (
        "let x = 'a: { let h = tokio::spawn(a()); if c { break 'a 1; } h.await; 2 };",
        &["`break` leaves"],
    ),
    (
        "let h = tokio::spawn(a()); if c && f(h) {}",
        &["the function ends here"],
    ),
    (
        "while let Some(x) = it.next().await { let h = tokio::spawn(a()); h.await?; let g = tokio::spawn(b()); x?; g.await; }",
        &["`?` returns"],
    ),
    (
        "let h = tokio::runtime::Handle::current().spawn(a());",
        &["function ends"],
    ),
    (
        "let h = tokio::spawn(a()); let r = &h; r.is_finished();",
        &["function ends"],
    ),
    (
        "let mut h; loop { h = tokio::spawn(a()); if c { break; } h.await; }",
        &["function ends here"],
    ),
    (
        "match Some(tokio::spawn(a())) { Some(h) if c => h.await, _ => {} }",
        &["the statement ends here"],
    ),
    // What a block uses by value goes into it, and ends with it.
    (
        "let s = Some(tokio::spawn(a())); async { if c { if let Some(h) = s { h.await; } } }.await; loop {}",
        &["the async block that has taken its handle ends here"],
    ),
    (
        "let hs = vec![tokio::spawn(a())]; async { if c { for h in hs.into_iter() { h.await; } } }.await; loop {}",
        &["the async block that has taken `hs` ends here"],
    ),
    (
        "run(async move { let h = tokio::spawn(a()); tokio::select! { _ = h => {} _ = b() => return } }).await",
        &["is not joined when another branch of `select!` wins"],
    ),
    (
        "let hs = vec![tokio::spawn(a())]; for h in hs { let g; if c { g = h; } else if d { h.await; } }",
        &["is not joined when its handle goes out of scope: "],
    ),
    (
        "if let Some(h) = Some(tokio::spawn(a())) && c() {}",
        &["the statement ends here"],
    ),
    (
        "let x = match y { 1 => tokio::spawn(a()), _ => return }; f()?; x.await;",
        &["`?` returns"],
    ),
];

#[test]
fn what_is_joined_on_every_path_is_accepted() {
    accepts(JOINED);
}

#[test]
fn what_is_lost_on_some_path_is_refused() {
    refuses(LOST);
}
