//! When to stop: at Ctrl-C, or when standard input is closed (as whoever started the process can do anywhere).

use std::io::Read;
use tokio::sync::oneshot;

/// Resolves when the process is asked to stop.
pub async fn requested() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = input_closed() => {}
    }
}

/// Read by a plain thread: tokio's own reader would keep the runtime from ending.
async fn input_closed() {
    let (closed, seen) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        let _ = closed.send(());
    });
    let _ = seen.await;
}
