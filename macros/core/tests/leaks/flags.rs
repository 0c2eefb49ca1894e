//! Variables that tell whether a handle has been joined.

use super::{accepts, of, refuses};

#[test]
fn a_branch_that_asks_a_local_assigned_beside_the_join_is_believed() {
    let bodies = [
        "let mut done = false; loop { select! { _ = &mut h => { done = true; break } _ = stop() => break } } if !done { h.await; }",
        "let done; select! { _ = &mut h => done = true, _ = stop() => done = false } if !done { h.await; }",
        "let mut live = true; if c { h.await; live = false; } while live { f(h); live = false; }",
        "let mut end = None; select! { r = &mut h => end = Some(r), _ = stop() => {} } match end { Some(r) => r, None => h.await }",
        "let mut end = None; select! { r = &mut h => end = Some(r), _ = stop() => {} } if let Some(5) = end { return; } if end.is_none() { h.await; }",
        "let mut end = None; select! { r = &mut h => end = Some(r), _ = stop() => {} } let Some(r) = end else { h.await; return };",
        "let mut end = None; select! { r = &mut h => end = Some(r), _ = stop() => {} } let Some(r) = end.as_ref() else { h.await; return };",
        "let mut done = false; if c { done = true; h.await; } if done { return; } if !done { h.await; }",
        "let mut done = false; if c { h.await; done = true; } log(done); if !done { h.await; }",
        "let mut done = false; if c { h.await; done = ended(); } if !done { h.await; }",
        "let (mut a, mut b) = (false, false); if c { h.await; a = true; } else if d { h.await; b = true; } if a || b { return; } h.await;",
        "let mut done = false; let g = spawn(w()); if c { h.await; done = true; g.await; } else { g.await; } if !done { h.await; }",
        "let mut done = false; loop { if !done { h.await; done = true; } if c { break; } }",
        "let mut done = false; loop { if done { h = spawn(w()); done = false; } select! { _ = &mut h => { done = true; } _ = stop() => break } } if !done { h.await; }",
        "let mut state = None; select! { _ = &mut h => { state = Some(1); } _ = stop() => {} } if state == Some(1) { return; } h.await;",
    ];
    let with_head =
        |body: &&str| format!("use tokio::{{select, spawn}}; let mut h = spawn(w()); {body}");
    let bodies: Vec<String> = bodies.iter().map(with_head).collect();
    accepts(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_local_that_no_join_assigns_tells_nothing() {
    refuses(&[
        (
            "let mut done = false; let h = tokio::spawn(a()); if c { done = true; } if !done { h.await; }",
            &["the function ends here"],
        ),
        (
            "let h = tokio::spawn(a()); let mut done = false; if done { return; } h.await; done = true;",
            &["returns early here"],
        ),
        // Where no side joins it and none leaves, the branch asks for another reason.
        (
            "let mut h = tokio::spawn(a()); let won = tokio::select! { _ = &mut h => true, _ = stop() => false }; if !won { h.abort(); }",
            &["`abort()` only asks"],
        ),
    ]);
}

#[test]
fn a_handle_that_is_finished_is_joined_only_where_it_was_lent() {
    let leaks = |body: &str| !of(&format!("let mut h = tokio::spawn(w()); {body}")).is_empty();
    let lend = "let _ = timeout(limit, &mut h).await;";
    let ask = "if h.is_finished() { return; } f(h);";
    assert!(leaks(ask));
    assert!(!leaks(&format!("{lend} {ask}")));
    assert!(leaks(&format!("if c {{ {lend} f(h); }} else {{ {ask} }}")));
    assert!(leaks(&format!("if c {{ {lend} }} {ask}")));
    assert!(leaks(&format!("{lend} f(h); h = tokio::spawn(w()); {ask}")));
    assert!(!leaks(&format!(
        "while c {{ {lend} }} let mut h = h; {lend} {ask}"
    )));
    assert!(!leaks(&format!(
        "loop {{ {lend} if h.is_finished() {{ return; }} }}"
    )));
}

#[test]
fn a_result_with_a_name_is_asked_like_the_result() {
    let head = "let mut h = tokio::spawn(a()); let r = tokio::time::timeout(d, &mut h).await;";
    let with_head = |body: &&str| format!("{head} {body}");
    let accepted: Vec<String> = [
        "if r.is_err() { h.abort(); h.await; }",
        "match r { Ok(x) => f(x), Err(_) => { h.abort(); h.await; } }",
        "if r.is_ok() { f(); } if r.is_err() { h.abort(); h.await; }",
        "let Ok(x) = r else { h.await; return }; f(x);",
        "let late = r.is_err(); if late { h.await; }",
        "if let Err(e) = &r { h.await; }",
        "check(r);",
        "custom!(r);",
        "run(move || check(r));",
    ]
    .iter()
    .map(with_head)
    .collect();
    accepts(&accepted.iter().map(String::as_str).collect::<Vec<_>>());
    for (body, word) in [
        ("if r.is_err() { h.abort(); }", "`abort()` only asks"),
        (
            "match r { Ok(x) => f(x), Err(e) => println!(\"{e}\") }",
            "the function ends here",
        ),
        ("let x = r?; f(x);", "`?` returns early here"),
        ("println!(\"{r:?}\");", "the function ends here"),
        ("if r.is_ok() { f(); }", "the function ends here"),
    ] {
        refuses(&[(&format!("{head} {body}"), &[word])]);
    }
}
