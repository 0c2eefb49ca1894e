//! Handles that a flag tells of.

use crate::leak::report::leaks_of;

/// Bodies that begin with a handle `h` and the flag that is asked: each joins it.
const JOINED: &[&str] = &[
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
    "let mut a = false; let mut b = false; if c { h.await; a = true; } else if d { h.await; b = true; } if a || b { return; } h.await;",
    "let mut done = false; let set = &mut done; if c { h.await; *set = true; done = true; } if !done { h.await; }",
    "let mut done = false; let g = spawn(w()); if c { h.await; done = true; g.await; } else { g.await; } if !done { h.await; }",
    "let mut done = false; loop { if !done { h.await; done = true; } if c { break; } }",
    "let mut done = false; loop { if done { h = spawn(w()); done = false; } select! { _ = &mut h => { done = true; } _ = stop() => break } } if !done { h.await; }",
    "let mut state = None; select! { _ = &mut h => { state = Some(1); } _ = stop() => {} } if state == Some(1) { return; } h.await;",
];

/// Those that lose it where the flag says what it said before, or on another way.
const LOST: &[&str] = &[
    "let mut last = None; if let Some(_) = last { loop { select! { _ = &mut h => {} _ = stop() => last = None } } }",
    "let mut last = None; match last { Some(_) => { f(h); loop { last = None; } } None => {} }",
    "let mut done = false; if done { return; } h.await; done = true;",
    "let mut last = None; if c && last.is_none() { select! { _ = &mut h => last = None, _ = stop() => f(h) } }",
    "let mut last = None; if let Some(seen) = &last { f(seen); } select! { _ = &mut h => {} _ = stop() => { if c { f(h); } last = None; } }",
    "let mut last = None; match last.as_deref() { Some(seen) => f(h), None => return } if c { h.await; last = Some(1); }",
    "let mut done = true; if c { h.await; done = true; } if !done { h.await; }",
    "let mut done = false; if c { h.await; done = true; } if d { done = true; } if !done { h.await; }",
    "let mut done = false; loop { if done { return; } done = true; if c { h.await; return; } }",
    "let mut done = false; if c { h.await; done = true; h = spawn(w()); } if !done { h.await; }",
];

#[test]
fn a_flag_tells_only_what_it_was_set_to_say() {
    let leaks = |body: &&&str| {
        let head = "use tokio::{select, spawn}; let mut h = spawn(w());";
        !leaks_of(&format!("async fn f() {{ {head} {body} }}")).is_empty()
    };
    let refused: Vec<_> = JOINED.iter().filter(leaks).collect();
    let missed: Vec<_> = LOST.iter().filter(|body| !leaks(body)).collect();
    assert!(
        refused.is_empty() && missed.is_empty(),
        "{refused:#?} {missed:#?}"
    );
}

#[test]
fn a_handle_that_is_finished_is_joined_only_where_it_was_lent() {
    let leaks = |body: &str| {
        let head = "let mut h = tokio::spawn(w());";
        !leaks_of(&format!("async fn f() {{ {head} {body} }}")).is_empty()
    };
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
