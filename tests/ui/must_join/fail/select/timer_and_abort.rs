//! The end of the time limit aborts, and gives the error at once.
// leak: the event loop (line 9); exit: the end of the function (line 17)
use std::time::Duration;

async fn event_loop() {}

#[rejoin::must_join]
async fn disconnect() -> Result<(), &'static str> {
    let mut events = tokio::spawn(event_loop());
    tokio::select! {
        ended = &mut events => ended.map_err(|_| "the event loop panicked"),
        _ = tokio::time::sleep(Duration::from_secs(5)) => {
            events.abort();
            Err("it took too long")
        }
    }
}

fn main() {
    drop(disconnect());
}
