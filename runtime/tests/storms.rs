//! Many threads panic at once: the hook, the handler and the events tell the same number. Alone in its process: the handler and
//! the log are the whole process's.
#![cfg(feature = "tracing")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::launch;
use common::log::Log;
use rejoin::{catch_sync, flush_reports, on_panic, root};

/// In each round, of each kind.
const TASKS: usize = 500;

static HOOK: AtomicUsize = AtomicUsize::new(0);
static HANDLER: AtomicUsize = AtomicUsize::new(0);

#[test]
fn no_panic_is_lost_when_threads_panic_at_once() {
    let log = Log::global();
    std::panic::set_hook(Box::new(|_| {
        HOOK.fetch_add(1, Ordering::SeqCst);
    }));
    on_panic(|_| {
        HANDLER.fetch_add(1, Ordering::SeqCst);
    });
    let mut expected = 0;
    for workers in 1..=8 {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut held = Vec::new();
            for _ in 0..TASKS {
                held.push(rejoin::spawn(async { panic!("held") }));
                launch!("launched", async { panic!("launched") });
                rejoin::spawn(async { drop(catch_sync(|| panic!("caught"))) });
            }
            for task in held {
                let error: tokio::task::JoinError = match task.await {
                    Ok(()) => unreachable!("it panics"),
                    Err(error) => error,
                };
                assert!(error.is_panic());
            }
            assert!(root().idle(Duration::from_secs(60)).await.is_empty());
        });
        flush_reports();
        expected += 3 * TASKS;
        assert_eq!(HOOK.load(Ordering::SeqCst), expected, "{workers} workers");
        assert_eq!(
            HANDLER.load(Ordering::SeqCst),
            expected,
            "{workers} workers"
        );
        let told = log.all().len();
        assert_eq!(told, expected, "{workers} workers");
    }
}
