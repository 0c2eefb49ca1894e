//! The atomic protocol of a scope's count, under loom: every interleaving of its steps (bounded, see `model`) and every
//! reordering that the orderings allow, on the file that the runtime is built from.
//!
//! It is the only protocol of a scope that decides by atomics alone. The others (a spawn against a cancellation, orphans
//! that go to the root, a sweep against an end, a permit that is handed over) decide under a lock, the scope's or that of
//! tokio's semaphore; what they read outside it is a hint, or is read again under it. Those run whole in
//! `tests/schedules`.

#![allow(dead_code, reason = "the models use a part of the file")]

/// What the file names as `crate::sync`.
mod sync {
    pub(crate) use loom::sync::{Mutex, atomic};
}

#[path = "../../../runtime/src/scope/count.rs"]
mod count;

use std::future::poll_fn;
use std::task::Poll;

use count::{Count, Left};
use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

/// All interleavings with up to three preemptions: what goes wrong in practice goes wrong with two.
fn model(f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

/// As the frame of a group waits.
fn join(count: &Count) {
    block_on(poll_fn(|cx| {
        count.set_joiner(cx.waker());
        if count.get() == 1 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }));
}

#[test]
fn the_last_task_wakes_the_joiner() {
    model(|| {
        let count = Arc::new(Count::new());
        for _ in 0..2 {
            count.add();
            let count = Arc::clone(&count);
            thread::spawn(move || {
                count.give_back();
            });
        }
        join(&count);
        assert_eq!(count.give_back(), Left::Nothing);
    });
}

#[test]
fn a_task_of_a_task_is_waited_for() {
    model(|| {
        let count = Arc::new(Count::new());
        count.add();
        let task = Arc::clone(&count);
        thread::spawn(move || {
            task.add();
            let inner = Arc::clone(&task);
            thread::spawn(move || {
                inner.give_back();
            });
            task.give_back();
        });
        join(&count);
        assert_eq!(count.give_back(), Left::Nothing);
    });
}

#[test]
fn of_an_owner_that_leaves_and_tasks_that_end_exactly_one_ends_the_scope() {
    model(|| {
        let count = Arc::new(Count::new());
        count.add();
        let task = Arc::clone(&count);
        let task = thread::spawn(move || task.give_back() == Left::Nothing);
        let owner = count.give_back() == Left::Nothing;
        assert!(owner != task.join().unwrap(), "ended once");
    });
}

#[test]
fn an_end_after_a_detach_is_seen_by_the_joiner() {
    model(|| {
        let count = Arc::new(Count::new());
        count.add(); // the detached task: it never ends here
        count.add();
        let task = Arc::clone(&count);
        thread::spawn(move || {
            task.give_back();
        });
        count.set_detached(true);
        count.wake();
        block_on(poll_fn(|cx| {
            count.set_joiner(cx.waker());
            if count.get() == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
    });
}

#[test]
fn everyone_who_waits_for_the_root_to_be_empty_is_woken() {
    model(|| {
        let count = Arc::new(Count::new());
        count.add();
        let task = Arc::clone(&count);
        thread::spawn(move || {
            task.give_back();
        });
        block_on(poll_fn(|cx| {
            count.add_idle(cx.waker());
            if count.get() == 1 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
    });
}
