//! A collection is joined where it is consumed to its end.

use super::{accepts, of, refuses};

const FILLED: &str = "let mut hs = Vec::new(); for x in xs { hs.push(tokio::spawn(a(x))); }";

fn filled(bodies: &[&str]) -> Vec<String> {
    let with_head = |body: &&str| format!("{FILLED} {body}");
    bodies.iter().map(with_head).collect()
}

fn accepts_filled(bodies: &[&str]) {
    let bodies = filled(bodies);
    accepts(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Each is refused once, with this word.
fn refuses_filled(bodies: &[(&str, &str)]) {
    for (body, word) in bodies {
        refuses(&[(&format!("{FILLED} {body}"), &[word])]);
    }
}

#[test]
fn an_early_exit_of_a_loop_loses_the_rest() {
    let first = "the tasks after the first failure are not joined when `?` returns early here";
    refuses_filled(&[
        ("for h in hs { h.await??; }", first),
        ("for h in hs.into_iter() { h.await??; }", first),
        ("for h in hs.drain(..) { h.await??; }", first),
        (
            "for (i, h) in hs.into_iter().enumerate() { f(i, h.await?); }",
            first,
        ),
        ("while let Some(h) = hs.pop() { h.await??; }", first),
        ("while !hs.is_empty() { hs.remove(0).await??; }", first),
        (
            "loop { let Some(h) = hs.pop() else { break }; h.await??; }",
            first,
        ),
        (
            "loop { match hs.pop() { Some(h) => h.await??, None => break } }",
            first,
        ),
        ("for h in &mut hs { h.await??; }", first),
        ("for h in hs.iter_mut() { h.await??; }", first),
        (
            "let mut it = hs.into_iter(); while let Some(h) = it.next() { h.await??; }",
            first,
        ),
        (
            "for h in hs { if h.await.is_err() { return; } }",
            "the tasks that the loop has not reached are not joined when the function returns early here",
        ),
        (
            "for h in hs { if h.await.is_err() { break; } }",
            "the tasks that the loop has not reached are not joined when `break` leaves the loop here",
        ),
        (
            "'a: loop { for h in hs { if h.await.is_err() { continue 'a; } } hs = next(); }",
            "the tasks that the loop has not reached are not joined when `continue` leaves the loop here",
        ),
        (
            "while let Some(h) = hs.pop() { if h.await.is_err() { break; } }",
            "the function ends here",
        ),
        (
            "for h in hs { let r = h.await?; }",
            "collect the results first",
        ),
        (
            "for h in hs { let r = h.await?; }",
            "abort and await the rest",
        ),
        ("for h in hs { let r = h.await?; }", "write `#[task_group]`"),
        (
            "for h in hs { let r = h.await?; }",
            "cancels it when the function's future is dropped",
        ),
    ]);
}

#[test]
fn a_loop_that_reaches_the_end_joins_all() {
    accepts_filled(&[
        "for h in hs { h.await; }",
        "for h in hs { if h.await.is_err() { continue; } }",
        "for (i, h) in hs.into_iter().enumerate() { f(i, h.await); }",
        "let mut first = None; for h in hs { if let Err(e) = h.await { first.get_or_insert(e); } } first?;",
        "while let Some(h) = hs.pop() { let _ = h.await; }",
        "for h in hs.drain(..) { let _ = h.await; } f()?;",
        "let mut it = hs.into_iter(); while let Some(h) = it.next() { let _ = h.await; } f()?;",
        "for h in &mut hs { let _ = h.await; } f()?;",
        "for h in hs.iter_mut().rev() { let _ = h.await; } f()?;",
        "for r in join_all(hs).await { r??; }",
        "let results = join_all(hs).await; for r in results { r??; }",
        "for h in hs { f(h.await); if c { panic!() } }",
        "for h in hs { loop { if c { break; } } h.await; }",
        "'a: for h in hs { loop { if c { h.await; continue 'a; } } }",
        "for i in 0..hs.len() { (&mut hs[i]).await; }",
        "let mut i = 0; while i < hs.len() { (&mut hs[i]).await; i += 1; }",
        "for h in mem::take(&mut hs) { h.await; }",
        "for h in hs { h.abort(); let _ = h.await; }",
        "let all = hs; for h in all { h.await; }",
    ]);
}

#[test]
fn the_rest_that_is_still_there_can_be_joined() {
    accepts_filled(&[
        "while let Some(h) = hs.pop() { if h.await.is_err() { for h in hs { h.abort(); let _ = h.await; } return; } }",
        "while let Some(h) = hs.pop() { if h.await.is_err() { break; } } for h in hs { h.abort(); let _ = h.await; }",
        "let mut it = hs.into_iter(); while let Some(h) = it.next() { if let Err(e) = h.await { for h in it { h.abort(); let _ = h.await; } return Err(e); } }",
        "let mut it = hs.into_iter(); for h in it.by_ref() { if h.await.is_err() { break; } } for h in it { h.await; }",
        "for h in &mut hs { if h.await.is_err() { break; } } for h in hs { h.abort(); let _ = h.await; }",
        "'a: loop { for h in &mut hs { if h.await.is_err() { break 'a; } } break; } for h in hs { let _ = h.await; }",
        "for h in hs.drain(..2) { h.await; } join_all(hs).await;",
        "let first = hs.remove(0); first.await; join_all(hs).await;",
        "let (r, _, rest) = select_all(hs).await; join_all(rest).await; r?;",
        "while !hs.is_empty() { let (r, _, rest) = select_all(hs).await; f(r); hs = rest; }",
        "while let Some(h) = hs.pop() { if let Err(e) = h.await { cancel(hs); return Err(e); } }",
    ]);
}

#[test]
fn taking_some_items_loses_the_others() {
    refuses_filled(&[
        (
            "hs.into_iter().next().unwrap().await;",
            "the other tasks of `hs` are not joined when the statement ends here",
        ),
        (
            "let first = hs.into_iter().next().unwrap(); first.await;",
            "the other tasks of `hs`",
        ),
        (
            "hs.into_iter().nth(3).unwrap().await;",
            "the other tasks of `hs`",
        ),
        (
            "hs.into_iter().last().unwrap().await;",
            "the other tasks of `hs`",
        ),
        (
            "if let Some(h) = hs.into_iter().find(|h| h.is_finished()) { h.await; }",
            "the other tasks of `hs`",
        ),
        (
            "for h in hs.into_iter().take(2) { h.await; }",
            "only some of the items are taken here",
        ),
        (
            "hs.pop().unwrap().await;",
            "a task of `hs` is not joined when the function ends here",
        ),
        ("hs.remove(0).await;", "the function ends here"),
        (
            "if let Some(h) = hs.first_mut() { h.await; }",
            "the function ends here",
        ),
        (
            "if let Some(h) = hs.iter_mut().next() { h.await; }",
            "the function ends here",
        ),
        ("(&mut hs[0]).await;", "the function ends here"),
        (
            "hs.truncate(3); join_all(hs).await;",
            "`hs` is truncated here",
        ),
        (
            "hs.pop(); join_all(hs).await;",
            "its handle is dropped here",
        ),
        (
            "let (r, _, _) = select_all(hs).await;",
            "the task that has lost the race",
        ),
        (
            "let (r, ..) = select_all(hs).await;",
            "the task that has lost the race",
        ),
        (
            "select_all(hs).await.0.unwrap();",
            "the task that has lost the race",
        ),
        (
            "let (r, _) = select_ok(hs).await?;",
            "the statement ends here",
        ),
        (
            "for h in hs.drain(..2) { h.await; }",
            "the function ends here",
        ),
        (
            "hs.into_iter().for_each(|h| h.abort());",
            "`abort()` only asks",
        ),
        ("hs.into_iter().for_each(drop);", "is dropped here"),
        (
            "for h in hs.into_iter().skip(1) { h.await; }",
            "only some of the items are taken here",
        ),
        (
            "for h in hs.into_iter().step_by(2) { h.await; }",
            "only some of the items are taken here",
        ),
    ]);
    accepts_filled(&[
        "let rest = hs.split_off(2); join_all(hs).await; join_all(rest).await;",
        "let rest = hs.split_off(2); hs.extend(rest); join_all(hs).await;",
        "for h in hs.iter_mut().skip(1) { h.abort(); } join_all(hs).await;",
        "for h in &mut hs { h.await; done += 1; } for h in hs.into_iter().skip(done) { h.await; }",
        "for h in &mut hs { if h.await.is_err() { break; } done += 1; } join_all(hs.split_off(done)).await;",
    ]);
}

#[test]
fn a_collection_of_one_has_no_others() {
    accepts(&[
        "let hs = vec![tokio::spawn(a())]; for h in hs { h.await??; }",
        "let mut hs = vec![]; hs.push(tokio::spawn(a())); hs.pop().unwrap().await?;",
        "for h in [tokio::spawn(a())] { h.await?; }",
        "let mut hs = vec![tokio::spawn(a()), tokio::spawn(b())]; hs.pop().unwrap().await; hs.pop().unwrap().await;",
        "let hs = vec![tokio::spawn(a())]; select_all(hs).await.0.unwrap();",
    ]);
    // The first one is joined, whatever comes of it.
    refuses(&[(
        "for h in [tokio::spawn(a()), tokio::spawn(b())] { h.await?; }",
        &["after the first failure"],
    )]);
}

#[test]
fn a_stream_is_joined_where_it_is_drained() {
    let head = "let mut hs = FuturesUnordered::new(); for x in xs { hs.push(tokio::spawn(a(x))); }";
    for body in [
        "while let Some(r) = hs.next().await { f(r); }",
        "while let Some(r) = hs.next().await { if r.is_err() { break; } } for h in hs { h.abort(); let _ = h.await; }",
        "loop { match hs.next().await { Some(r) => f(r), None => break } }",
        "loop { let r = hs.next().await; if r.is_none() { break; } }",
        "while hs.next().await.is_some() {}",
        "loop { if hs.next().await.is_none() { break; } }",
        "while !hs.next().await.is_none() { g(); }",
        "loop { let Some(r) = hs.next().await else { break }; f(r); }",
        "loop { tokio::select! { Some(r) = hs.next() => f(r), else => break } }",
        "loop { tokio::select! { r = hs.next() => match r { Some(r) => f(r), None => break }, _ = tick.tick() => {} } }",
        "loop { match timeout(d, hs.next()).await { Ok(Some(r)) => f(r), Ok(None) => break, Err(_) => g() } }",
        "let all: Vec<_> = hs.collect().await; all.into_iter().collect::<Result<Vec<_>, _>>()?;",
        "hs.for_each(|r| async move { f(r) }).await;",
        "hs.map(|r| r.unwrap()).collect::<Vec<_>>().await;",
    ] {
        accepts(&[&format!("{head} {body}")]);
    }
    for (body, word) in [
        (
            "while let Some(r) = hs.next().await { r??; }",
            "after the first failure",
        ),
        (
            "while let Some(r) = hs.try_next().await? { f(r); }",
            "after the first failure",
        ),
        ("hs.next().await.unwrap()?;", "`?` returns early here"),
        (
            "let r = hs.next().await.unwrap(); if r.is_err() { return; } join_all(hs).await;",
            "returns early here",
        ),
        (
            "while let Ok(Some(r)) = timeout(d, hs.next()).await { f(r); }",
            "the function ends here",
        ),
        (
            "loop { tokio::select! { Some(r) = hs.next() => f(r), _ = stop() => return } }",
            "has not reached",
        ),
        (
            "hs.try_collect::<Vec<_>>().await?;",
            "another one fails first",
        ),
    ] {
        refuses(&[(&format!("{head} {body}"), &[word])]);
    }
}

#[test]
fn a_map_is_iterated_by_its_values() {
    let head = "let mut hs = HashMap::new(); for x in xs { hs.insert(x, tokio::spawn(a(x))); }";
    for body in [
        "for (x, h) in hs { f(x); h.await; }",
        "for (x, h) in hs.drain() { f(x); h.await; }",
        "for h in hs.into_values() { h.await; }",
        "for h in hs.values_mut() { h.await; }",
        "for (_, h) in &mut hs { h.await; }",
        "while let Some((_, h)) = hs.pop_first() { h.await; }",
    ] {
        accepts(&[&format!("{head} {body}")]);
    }
    for (body, word) in [
        (
            "for (x, h) in hs { f(x)?; h.await; }",
            "`?` returns early here",
        ),
        (
            "for (x, h) in hs { f(x); h.await?; }",
            "after the first failure",
        ),
        ("hs.remove(&1).unwrap().await;", "the function ends here"),
    ] {
        refuses(&[(&format!("{head} {body}"), &[word])]);
    }
}

#[test]
fn what_cannot_be_read_joins() {
    accepts_filled(&[
        "finish(hs).await?;",
        "for h in hs.chunks_mut(2) { f(h)?; }",
        "for h in hs.into_iter().filter(|h| h.is_finished()) { h.await?; }",
        "hs.retain(|h| !h.is_finished()); registry.extend(hs);",
        "let mut hs = other(hs); for h in hs { h.await?; }",
        "custom!(hs);",
        // They are counted.
        "hs.pop().unwrap().await; hs.pop().unwrap().await;",
        "(&mut hs[0]).await; (&mut hs[1]).await;",
    ]);
    assert_eq!(
        of("let mut hs = self.take_all(); for h in hs { h.await?; }"),
        [""; 0]
    );
}

#[test]
fn what_is_joined_in_every_arm_is_accepted() {
    accepts(&[
        "let a = if x { Some(tokio::spawn(f(1))) } else { None }; let b = if y { Some(tokio::spawn(f(2))) } else { None }; match (a, b) { (Some(a), Some(b)) => { tokio::join!(a, b); } (Some(a), None) => { a.await; } (None, Some(b)) => { b.await; } (None, None) => {} }",
        "let mut job = None; while let Some(on) = rx.recv().await { match (on, job.take()) { (true, None) => job = Some(tokio::spawn(f(1))), (true, Some(old)) => job = Some(old), (false, Some(old)) => { old.abort(); old.await; } (false, None) => {} } } if let Some(job) = job { job.await; }",
        "let h = x.map(|n| tokio::spawn(f(n))); match (x, h) { (_, Some(h)) => { h.await; } (_, None) => {} }",
        "let h = x.map(|n| tokio::spawn(f(n))); match (x, h) { (_, Some(h)) => { h.await; } _ => {} }",
        "let mut h = tokio::spawn(f(1)); match futures::future::select(&mut h, pin!(sleep(t))).await { Either::Left(_) => {} Either::Right(_) => { h.abort(); h.await; } }",
        "let mut h = tokio::spawn(f(1)); if let Either::Right(_) = futures::future::select(&mut h, pin!(sleep(t))).await { h.abort(); h.await; }",
        "let (mut a, mut b) = (tokio::spawn(f(1)), tokio::spawn(f(2))); match futures::future::select(&mut a, &mut b).await { Either::Left(_) => { b.await; } Either::Right(_) => { a.await; } }",
    ]);
    accepts_filled(&[
        "match hs.len() { 0 => eprintln!(), _ => { join_all(hs).await; } }",
        "match hs.is_empty() { true => {} false => { join_all(hs).await; } }",
        "match hs.is_empty() { false => { join_all(hs).await; } true => {} }",
    ]);
    accepts(&[
        "let mut m = HashMap::new(); for i in 0..n { m.insert(i, tokio::spawn(f(i))); } while let Some(&k) = m.keys().next() { if let Some(h) = m.remove(&k) { h.await; } }",
        "let mut m = HashMap::new(); for i in 0..n { if let Some(old) = m.insert(i, tokio::spawn(f(i))) { old.abort(); old.await; } } join_all(m.into_values()).await;",
        "let mut m: HashMap<u8, Vec<JoinHandle<()>>> = HashMap::new(); for i in 0..n { m.entry(i).or_default().push(tokio::spawn(f(i))); } for (_, hs) in m { for h in hs { h.await; } }",
        "let mut m = HashMap::new(); m.entry(1).or_insert_with(|| tokio::spawn(f(1))); for (_, h) in m { h.await; }",
        "let mut done = stream::iter(0..n).map(|i| tokio::spawn(f(i))).buffer_unordered(8); while let Some(r) = done.next().await { log(r); }",
        "stream::iter(0..n).map(|i| tokio::spawn(f(i))).buffer_unordered(8).for_each(|r| async { log(r) }).await;",
        "let all: Vec<_> = stream::iter(0..n).map(|i| tokio::spawn(f(i))).buffered(8).collect().await;",
        "let hs = [1, 2].map(|n| tokio::spawn(f(n))); join_all(hs).await;",
        "let hs: Vec<_> = std::iter::repeat_with(|| tokio::spawn(f(1))).take(3).collect(); join_all(hs).await;",
    ]);
    accepts_filled(&[
        "for (name, h) in names.iter().zip(hs) { h.await; }",
        "for (h, name) in hs.into_iter().zip(names) { h.await; }",
        "let more = vec![tokio::spawn(g())]; for h in hs.into_iter().chain(more) { h.await; }",
        "for h in [Some(tokio::spawn(g())), None].into_iter().flatten() { h.await; } join_all(hs).await;",
    ]);
}

#[test]
fn what_a_match_or_a_race_leaves_is_a_leak() {
    refuses(&[
        (
            "let a = x.then(|| tokio::spawn(f(1))); let b = y.then(|| tokio::spawn(f(2))); match (a, b) { (Some(a), Some(b)) => { tokio::join!(a, b); } _ => {} }",
            &["not joined", "not joined"],
        ),
        (
            "let mut h = tokio::spawn(f(1)); match futures::future::select(&mut h, pin!(sleep(t))).await { Either::Left(_) => {} Either::Right(_) => {} }",
            &["not joined"],
        ),
        (
            "let mut h = tokio::spawn(f(1)); futures::future::select(&mut h, pin!(sleep(t))).await;",
            &["not joined"],
        ),
        (
            "let mut m = HashMap::new(); for i in 0..n { if let Some(old) = m.insert(i, tokio::spawn(f(i))) { old.abort(); } } join_all(m.into_values()).await;",
            &["not joined"],
        ),
        (
            "let mut m = HashMap::new(); m.entry(1).or_insert_with(Vec::new).push(tokio::spawn(f(1)));",
            &["never joined"],
        ),
        (
            "let mut done = stream::iter(0..n).map(|i| tokio::spawn(f(i))).buffer_unordered(8); while let Some(r) = done.next().await { r??; }",
            &["not joined when `?` returns early"],
        ),
        (
            "let hs = [1, 2].map(|n| tokio::spawn(f(n))); g()?; join_all(hs).await;",
            &["not joined when `?` returns early"],
        ),
        (
            "let mut fu = FuturesUnordered::new(); fu.push(tokio::spawn(f(1))); loop { tokio::select! { r = fu.select_next_some() => { log(r); } _ = &mut stop => break } }",
            &["not joined when"],
        ),
        (
            "for h in [Some(tokio::spawn(f(1))), Some(tokio::spawn(f(2)))].into_iter().flatten() { h.await??; }",
            &["not joined when"],
        ),
    ]);
    refuses_filled(&[
        (
            "for (name, h) in names.iter().zip(hs) { h.await??; }",
            "the tasks after the first failure are not joined",
        ),
        (
            "for (h, name) in hs.into_iter().zip(names) { h.await??; }",
            "the tasks after the first failure are not joined",
        ),
        ("match hs.len() { 0 => {} _ => {} }", "not joined"),
    ]);
    refuses(&[(
        "let one = vec![tokio::spawn(f(1))]; let two = vec![tokio::spawn(f(2))]; for h in one.into_iter().chain(two) { h.await??; }",
        &["not joined when"],
    )]);
}

#[test]
fn the_advice_compiles_for_what_is_in_the_collection() {
    refuses(&[
        (
            "let mut hs = HashMap::new(); for i in 0..n { hs.insert(i, tokio::spawn(f(i))); } for (k, h) in hs { h.await?; }",
            &["join_all(hs.into_values()).await"],
        ),
        (
            "let hs = vec![(\"a\", tokio::spawn(f(1))), (\"b\", tokio::spawn(f(2)))]; for (name, h) in hs { h.await?; }",
            &["collect the results first, or abort"],
        ),
        (
            "let t = (tokio::spawn(f(1)), 7); check()?; t.0.await;",
            &["await the handle in `t`"],
        ),
        (
            "futures::future::try_join_all((0..n).map(|i| tokio::spawn(f(i)))).await?;",
            &["as in `try_join_all(&mut handles)`"],
        ),
        (
            "stream::iter(urls).map(|url| tokio::spawn(f(url))).buffered(4).try_collect().await",
            &["let all of them end and look at the results then"],
        ),
    ]);
    for (body, wrong) in [
        (
            "let hs = vec![(1, tokio::spawn(f(1)))]; for (name, h) in hs { h.await?; if x { return; } }",
            "join_all(hs)",
        ),
        (
            "let t = (tokio::spawn(f(1)), 7); check()?; t.0.await;",
            "detach(t",
        ),
    ] {
        assert!(
            of(body).iter().all(|text| !text.contains(wrong)),
            "{:?}",
            of(body)
        );
    }
}
