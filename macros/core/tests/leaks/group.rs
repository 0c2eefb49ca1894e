//! The same under a group.

/// Whether a body under both attributes is refused.
fn refused_in_a_group(body: &str) -> bool {
    let item = format!("#[task_group] async fn f() {{ {body} }}");
    let expanded = rejoin_macros_core::must_join("".parse().unwrap(), item.parse().unwrap());
    expanded.to_string().contains("compile_error")
}

#[test]
fn a_group_joins_what_is_discarded_or_left_early() {
    for body in [
        "tokio::spawn(a());",
        "let _ = tokio::spawn(a());",
        "let _h = tokio::spawn(a());",
        "drop(tokio::spawn(a()));",
        "if c { tokio::spawn(a()) } else { tokio::spawn(b()) };",
        "let h = tokio::spawn(a()); f()?; h.await;",
        "let h = tokio::spawn(a()); if c { h.await; }",
        "let h = tokio::spawn(a()); f().await; h.abort();",
        "let hs = vec![tokio::spawn(a())]; f()?; join_all(hs).await;",
        // They are asked, for as long as there is time, or no error.
        "let h = tokio::spawn(a()); tokio::time::timeout(d, h).await;",
        "let mut h = tokio::spawn(a()); let _ = tokio::time::timeout(d, &mut h).await;",
        "tokio::try_join!(tokio::spawn(a()), tokio::spawn(b()));",
        "let mut h = tokio::spawn(a()); loop { h.abort(); h = tokio::spawn(a()); }",
    ] {
        assert!(!refused_in_a_group(body), "{body}");
    }
}

#[test]
fn a_group_does_not_join_for_the_error_of_a_handle_that_nothing_uses() {
    for body in [
        "let h = tokio::spawn(a());",
        "let h = tokio::spawn(a()); f(h.id());",
        "let h = tokio::spawn(a()); drop(h);",
        "let h = tokio::spawn(a()); let _ = h;",
        "let mut hs = Vec::new(); hs.push(tokio::spawn(a()));",
        // What is asked to stop is another task.
        "let mut h = tokio::spawn(a()); h.abort(); h = tokio::spawn(b());",
        "let mut hs = Vec::new(); if c { hs.push(tokio::spawn(a())); return; } for h in &hs { h.abort(); }",
    ] {
        assert!(refused_in_a_group(body), "{body}");
    }
}
