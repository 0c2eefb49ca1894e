//! What has the name of a variable and is none.

use super::of;

#[test]
fn the_segment_of_a_path_and_the_argument_of_a_closure_are_no_variables() {
    for body in [
        "let task = tokio::spawn(a()); run(async move { println!(\"{:?}\", tokio::task::id()); }).await; task.await;",
        "let task = tokio::spawn(a()); run(async move { info!(id = tokio::task::id()); }).await; task.await;",
        "let task = tokio::spawn(a()); run(async move { while xs.iter().any(|task| task.ok()) {} }).await; task.await;",
        "let task = tokio::spawn(a()); run(async move { while task::spawn(b()).await.is_ok() {} }).await; task.await;",
    ] {
        assert_eq!(of(body), [""; 0], "{body}");
    }
    let leaks = of("let task = tokio::spawn(a()); #[cfg(unix)] tokio::task::yield_now().await;");
    assert!(
        leaks.concat().contains("the function ends here"),
        "{leaks:?}"
    );
}

#[test]
fn the_name_of_a_field_is_no_variable() {
    for body in [
        "let h = tokio::spawn(a()); run(async move { info!(h = id, n == 1, x.h, \"started\"); }).await; h.await;",
        "let h = tokio::spawn(a()); run(async move { debug!(parent: &span, ?n, h.id = 1); }).await; h.await;",
    ] {
        assert_eq!(of(body), [""; 0], "{body}");
    }
    for body in [
        "let h = tokio::spawn(a()); run(async move { info!(%id, over = ?h); }).await;",
        "let h = tokio::spawn(a()); run(async move { info!(?h, \"started\"); }).await;",
        "let h = tokio::spawn(a()); run(async move { info!(n, \"{h:?}\"); }).await;",
        "let h = tokio::spawn(a()); run(async move { println!(\"{h:?}\"); }).await;",
    ] {
        let leaks = of(body);
        assert!(
            leaks.concat().contains("has taken its handle ends here"),
            "{body}\n{leaks:?}"
        );
    }
}
