//! What a test opens with a line on standard input.

use std::sync::LazyLock;

use tokio::sync::Semaphore;

static GATE: LazyLock<&'static Semaphore> = LazyLock::new(|| {
    let gate: &'static Semaphore = Box::leak(Box::new(Semaphore::new(0)));
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        gate.close();
    });
    gate
});

/// Waits until it is open; then it stays so.
pub(crate) async fn open() {
    assert!(GATE.acquire().await.is_err(), "it has no places");
}
