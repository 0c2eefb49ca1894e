//! Futures of handles: races, timeouts, adaptors, closures.

use super::{accepts, refuses};

#[test]
fn a_future_of_all_handles_can_be_dropped_before_its_end() {
    refuses(&[
        (
            "let hs = vec![tokio::spawn(a()), tokio::spawn(b())]; try_join_all(hs).await?;",
            &["another one fails first", "another one fails first"],
        ),
        (
            "let hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); timeout(d, join_all(hs)).await?;",
            &["the time is up"],
        ),
        (
            "timeout(d, join_all(xs.iter().map(|x| tokio::spawn(a(x))))).await?;",
            &["the time is up"],
        ),
        (
            "let hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); tokio::select! { _ = join_all(hs) => {} _ = stop() => {} }",
            &["another branch"],
        ),
        (
            "let hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); let all = futures::future::join_all(hs); if c { return; } all.await;",
            &["returns early here"],
        ),
        (
            "try_join_all(xs.iter().map(|x| tokio::spawn(a(x)))).await?;",
            &["another one fails first"],
        ),
    ]);
    accepts(&[
        "let hs = vec![tokio::spawn(a())]; try_join_all(hs).await?;",
        "let mut hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); if timeout(d, join_all(&mut hs)).await.is_err() { for h in hs { h.abort(); h.await; } }",
        "let mut hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); if try_join_all(&mut hs).await.is_err() { for h in hs { h.abort(); h.await; } }",
        "let hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); let mut all = join_all(hs); tokio::select! { _ = &mut all => {} _ = stop() => { all.await; } }",
        "let hs = mine(); try_join_all(hs).await?;",
    ]);
}

#[test]
fn the_loser_of_a_race_is_lost() {
    let head = "use futures::future::{self, select};";
    for body in [
        "match select(tokio::spawn(a()), tokio::spawn(b())).await { Either::Left((r, h)) => h.await, Either::Right((r, h)) => h.await }",
        "let (r, rest) = select(tokio::spawn(a()), tokio::spawn(b())).await.factor_first(); rest.await;",
        "let mut h = tokio::spawn(a()); future::select(&mut h, stop()).await; h.await;",
    ] {
        accepts(&[&format!("{head} {body}")]);
    }
    for (body, words) in [
        (
            "select(tokio::spawn(a()), stop()).await;",
            &["another future completes first"][..],
        ),
        (
            "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); future::select(a, b).await;",
            &["another future completes first"; 2],
        ),
        (
            "match select(tokio::spawn(a()), tokio::spawn(b())).await { Either::Left((r, _)) => r, Either::Right((r, h)) => h.await }",
            &["the statement ends"; 2],
        ),
        (
            "let mut h = tokio::spawn(a()); future::select(&mut h, stop()).await;",
            &["the function ends here"],
        ),
    ] {
        refuses(&[(&format!("{head} {body}"), words)]);
    }
}

#[test]
fn a_value_that_is_replaced_has_to_be_joined() {
    refuses(&[
        (
            "let mut h = tokio::spawn(a()); std::mem::replace(&mut h, tokio::spawn(b())); h.await;",
            &["is dropped here"],
        ),
        (
            "use std::mem; let mut h = tokio::spawn(a()); let _ = mem::replace(&mut h, tokio::spawn(b())); h.await;",
            &["given to `_` here"],
        ),
        (
            "let mut h = Some(tokio::spawn(a())); h.replace(tokio::spawn(b())); if let Some(h) = h { h.await; }",
            &["is dropped here"],
        ),
        (
            "let mut h = None; if c { h = Some(tokio::spawn(a())); } h.insert(tokio::spawn(b())); h.unwrap().await;",
            &["overwritten here"],
        ),
        (
            "let mut hs = vec![tokio::spawn(a())]; mem::take(&mut hs);",
            &["is dropped here"],
        ),
        (
            "let mut h = Some(tokio::spawn(a())); h.take();",
            &["is dropped here"],
        ),
    ]);
    accepts(&[
        "let mut h = tokio::spawn(a()); mem::replace(&mut h, tokio::spawn(b())).await; h.await;",
        "let mut h = tokio::spawn(a()); let old = mem::replace(&mut h, tokio::spawn(b())); old.await; h.await;",
        "let mut h = None; for x in xs { if let Some(old) = h.replace(tokio::spawn(a(x))) { old.await; } } if let Some(h) = h { h.await; }",
        "let mut h = None; h.insert(tokio::spawn(a())).await;",
        "let mut hs = vec![tokio::spawn(a())]; let old = mem::take(&mut hs); join_all(old).await;",
        "let mut registry = Registry::new(); registry.insert(tokio::spawn(a())); registry.replace(tokio::spawn(b()));",
        "let (mut g, mut h) = (tokio::spawn(a()), tokio::spawn(b())); mem::swap(&mut g, &mut h); g.await; h.await;",
    ]);
}

#[test]
fn an_adaptor_of_a_handle_is_the_handle() {
    refuses(&[
        (
            "let h = tokio::spawn(a()); h.map(|r| r.unwrap());",
            &["is dropped here"],
        ),
        (
            "let h = tokio::spawn(a()).map(|r| r.unwrap()); f()?; h.await;",
            &["`?` returns early here"],
        ),
        (
            "let m = FutureExt::map(tokio::spawn(a()), |r| r.unwrap());",
            &["the function ends here"],
        ),
        (
            "let h = Some(tokio::spawn(a())); let _ = h.map(|h| h.abort());",
            &["`abort()` only asks"],
        ),
        (
            "let h = Some(tokio::spawn(a())); h.map(drop);",
            &["is dropped here"],
        ),
        (
            "let mut h = None; if c { h = Some(tokio::spawn(a())); } h.take().map(|h| { h.abort() });",
            &["`abort()` only asks"],
        ),
    ]);
    accepts(&[
        "let h = tokio::spawn(a()).map(|r| r.unwrap()).boxed(); h.await;",
        "let h = FutureExt::map(tokio::spawn(a()), |r| r.unwrap()); h.await;",
        "let h = Some(tokio::spawn(a())); h.map(|h| registry.push(h));",
        "let h = Some(tokio::spawn(a())); if let Some(f) = h.map(|h| async move { h.await }) { f.await; }",
        "let hs: Vec<_> = xs.iter().map(|x| tokio::spawn(a(x))).collect(); join_all(hs.into_iter().map(|h| async move { h.await.unwrap() })).await;",
        "let h = Some(tokio::spawn(a())); let n = h.as_ref().map(|h| h.id()); h.unwrap().await;",
        "let h = Some(tokio::spawn(a())); h.iter().for_each(|h| h.abort()); h.unwrap().await;",
    ]);
}

#[test]
fn a_closure_that_returns_a_handle_creates_it_in_each_call() {
    refuses(&[
        (
            "let start = |x| tokio::spawn(a(x)); start(1);",
            &["dropped at once"],
        ),
        (
            "let start = |x| { tokio::spawn(a(x)) }; let h = start(1); f()?; h.await;",
            &["`?` returns early here"],
        ),
        ("(|| tokio::spawn(a()))();", &["dropped at once"]),
        (
            "let start = |x| tokio::spawn(a(x)); let _ = start(1); start(2).await;",
            &["dropped at once"],
        ),
    ]);
    accepts(&[
        "let start = |x| tokio::spawn(a(x)); start(1).await; let h = start(2); h.await;",
        "let start = |x| tokio::spawn(a(x)); let hs: Vec<_> = xs.map(start).collect(); join_all(hs).await;",
        "let start = |x| tokio::spawn(a(x));",
        "let start = |x| tokio::spawn(a(x)); run(start);",
    ]);
}

#[test]
fn a_joining_function_of_two_is_as_its_macro() {
    accepts(&[
        "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); futures::future::join(a, b).await;",
    ]);
    refuses(&[(
        "let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); futures::future::try_join(a, b).await?;",
        &["another one fails first", "another one fails first"],
    )]);
}

#[test]
fn the_select_of_futures_lends_a_bare_name() {
    accepts(&[
        "let mut h = tokio::spawn(a()); futures::select! { r = h => f(r), () = tick => g() } h.await;",
        "let mut h = tokio::spawn(a()).fuse(); loop { futures::select_biased! { r = h => break, () = tick => g() } }",
    ]);
}

#[test]
fn options_that_are_taken_one_by_one_are_joined() {
    accepts(&[
        "let mut hs = [Some(tokio::spawn(a())), Some(tokio::spawn(b()))]; join_all(hs.iter_mut().filter_map(Option::take)).await;",
        "let mut hs = [Some(tokio::spawn(a())), None]; for h in hs.iter_mut().filter_map(|h| h.take()) { h.await; }",
    ]);
}
