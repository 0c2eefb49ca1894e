//! A log that blocks holds up no timer, no shutdown and no abort. Each case is a process of its own, as the log is the
//! whole process's.
#![cfg(feature = "tracing")]

mod child;

use std::future::pending;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use child::{NOTHING, block_on, child};
use rejoin::{PanicPolicy, TaskGroup, root, set_panic_policy};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

type Group = TaskGroup<std::io::Error>;

/// Never comes back from an event of this kind, as the writer of a full pipe does not.
struct Blocks {
    kind: &'static str,
    blocked: Mutex<Sender<()>>,
    never: Mutex<Receiver<()>>,
}

impl Subscriber for Blocks {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "rejoin"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        struct Kind(String);
        impl Visit for Kind {
            fn record_str(&mut self, field: &Field, value: &str) {
                if field.name() == "kind" {
                    value.clone_into(&mut self.0);
                }
            }
            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
        }
        let mut kind = Kind(String::new());
        event.record(&mut kind);
        if kind.0 == self.kind {
            let _ = self.blocked.lock().unwrap().send(());
            let _ = self.never.lock().unwrap().recv();
        }
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Sets such a log; tells when it blocks, and keeps it blocked as long as the other end is kept.
fn block(kind: &'static str) -> (Receiver<()>, Sender<()>) {
    let (blocked, is_blocked) = channel();
    let (keeps, never) = channel();
    let blocks = Blocks {
        kind,
        blocked: Mutex::new(blocked),
        never: Mutex::new(never),
    };
    tracing::subscriber::set_global_default(blocks).expect("no other subscriber here");
    (is_blocked, keeps)
}

/// A group that waits for a task which does not end.
fn stuck(name: &'static str) {
    let group = Group::builder()
        .name(name)
        .warn_after(Duration::from_millis(1))
        .open();
    group.launch(pending::<()>());
    drop(tokio::spawn(group.join()));
}

#[test]
fn the_join_of_the_root_ends_in_time() {
    let ended = child!(the_join_of_the_root_ends_in_time, NOTHING, || {
        let (is_blocked, _keeps) = block("stuck");
        block_on(async {
            stuck("blocks");
            tokio::task::spawn_blocking(move || is_blocked.recv().unwrap())
                .await
                .unwrap();
            let left = root().join(Duration::from_millis(10)).await;
            assert!(left.is_empty(), "the task is aborted: {left:?}");
        });
        eprintln!("it has ended");
    });
    ended.succeeded().line("it has ended");
}

#[test]
fn a_group_that_does_not_come_home_ends_the_process_all_the_same() {
    let ended = child!(
        a_group_that_does_not_come_home_ends_the_process_all_the_same,
        NOTHING,
        || {
            let (is_blocked, _keeps) = block("stuck");
            set_panic_policy(PanicPolicy::recover().abort_if_unjoined(Duration::from_millis(100)));
            block_on(async {
                stuck("blocks");
                tokio::task::spawn_blocking(move || is_blocked.recv().unwrap())
                    .await
                    .unwrap();
                let group = Group::builder().name("lost").open();
                let (started, has_started) = tokio::sync::oneshot::channel();
                let endless = group.spawn_blocking(|| {
                    started.send(()).unwrap();
                    loop {
                        std::thread::park();
                    }
                });
                has_started.await.unwrap();
                group.launch(async { panic!("the cause") });
                let _: () = endless.await.unwrap();
            });
        }
    );
    ended
        .aborted()
        .line("rejoin: the process aborts (panic policy `recover, abort if unjoined for 100ms`)");
}
