//! The protocols of a group, each under schedules chosen by chance: `cargo test -p rejoin-schedules` tries some, and
//! `REJOIN_SCHEDULES=100000 cargo test --release -p rejoin-schedules` many.

#[path = "../../tests/stress/alive.rs"]
mod alive;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use alive::{Alive, Error};
use rejoin_schedules::{
    OnFailure, TaskGroup, cancelled, check, check_fairly, detach, is_cancelled, root, shield,
};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;

#[test]
fn the_last_task_and_the_joiner_meet() {
    check(|| async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::new();
        for _ in 0..3 {
            let one = alive.one();
            group.launch(async move {
                let _one = one;
                yield_now().await;
            });
        }
        group.join().await.unwrap();
        assert_eq!(alive.get(), 0);
    });
}

#[test]
fn a_task_of_a_task_is_joined() {
    check(|| async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::new();
        let (one, inner) = (alive.one(), alive.one());
        group.launch(async move {
            let _one = one;
            drop(rejoin_schedules::spawn(async move {
                let _one = inner;
                yield_now().await;
            }));
        });
        group.join().await.unwrap();
        assert_eq!(alive.get(), 0);
    });
}

#[test]
fn a_spawn_and_a_failure_meet() {
    check(|| async {
        let alive = Alive::default();
        let late = Arc::new(AtomicBool::new(false));
        let group = TaskGroup::<Error>::new();
        group.launch(async { Err::<(), _>(Error::from("first")) });
        for _ in 0..2 {
            let (one, late) = (alive.one(), Arc::clone(&late));
            let was_cancelled = group.is_cancelled();
            group.launch(async move {
                let _one = one;
                if was_cancelled {
                    late.store(true, SeqCst);
                }
                pending::<()>().await;
            });
        }
        let error = group.join().await.unwrap_err();
        assert_eq!(error.to_string(), "first");
        assert_eq!(
            alive.get(),
            0,
            "the failure has aborted every task, early or late"
        );
        assert!(
            !late.load(SeqCst),
            "what was spawned after the failure is never polled"
        );
    });
}

#[test]
fn of_two_failures_one_is_told_and_the_other_cancelled_or_reported() {
    check(|| async {
        let group = TaskGroup::<Error>::new();
        for name in ["left", "right"] {
            group.launch(async move {
                yield_now().await;
                Err::<(), _>(Error::from(name))
            });
        }
        let error = group.join().await.unwrap_err().to_string();
        assert!(error == "left" || error == "right", "{error}");
    });
}

#[test]
fn no_failure_of_a_collecting_group_is_lost() {
    check(|| async {
        let group = TaskGroup::<Error>::builder()
            .on_failure(OnFailure::Collect)
            .open();
        for number in 0..3 {
            group.launch(async move {
                if number > 0 {
                    yield_now().await;
                }
                Err::<(), _>(Error::from(number.to_string()))
            });
        }
        let errors = group.join_all().await.unwrap_err();
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["0", "1", "2"], "in the order of their spawns");
    });
}

#[test]
fn a_dropped_group_hands_its_tasks_over() {
    check(|| async {
        let alive = Alive::default();
        let outer = TaskGroup::<Error>::new();
        let (all, one) = (alive.clone(), alive.one());
        outer.launch(async move {
            let _one = one;
            let inner = TaskGroup::<Error>::new();
            for _ in 0..2 {
                let one = all.one();
                inner.launch(async move {
                    let _one = one;
                    pending::<()>().await;
                });
            }
            yield_now().await;
            drop(inner);
        });
        outer.join().await.unwrap();
        assert_eq!(alive.get(), 0, "the group around waited for the orphans");
    });
}

#[test]
fn places_are_handed_on_and_never_more_are_taken() {
    check(|| async {
        let (now, most) = (Alive::default(), Arc::new(AtomicUsize::new(0)));
        let done = Arc::new(AtomicUsize::new(0));
        let group = TaskGroup::<Error>::builder().limit(2).open();
        for number in 0..5 {
            let (now, most, done) = (now.clone(), Arc::clone(&most), Arc::clone(&done));
            let handle = group.spawn(async move {
                let _one = now.one();
                most.fetch_max(now.get(), SeqCst);
                yield_now().await;
                done.fetch_add(1, SeqCst);
            });
            if number == 1 {
                // It may wait for its place, have one, or be done: in no case is the place lost.
                handle.abort();
            }
        }
        group.join().await.unwrap();
        assert!(most.load(SeqCst) <= 2);
        assert!(done.load(SeqCst) >= 4, "all but the aborted one");
    });
}

#[test]
fn a_full_group_takes_another_task_once_one_has_ended() {
    check(|| async {
        let group = TaskGroup::<Error>::builder().limit(1).open();
        let first = group.spawn(yield_now());
        match group.try_spawn(async { 2 }) {
            Ok(second) => assert_eq!(second.await.unwrap(), 2),
            Err(back) => {
                first.await.unwrap();
                // Its handle tells the end first, and then its place is free: or the other way round.
                assert_eq!(group.spawn(back).await.unwrap(), 2);
            }
        }
        group.join().await.unwrap();
    });
}

#[test]
fn whoever_waits_for_the_cancellation_sees_it() {
    check(|| async {
        let group = TaskGroup::<Error>::builder()
            .grace(Duration::from_secs(1))
            .open();
        let seen = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 {
            let seen = Arc::clone(&seen);
            group.launch(async move {
                cancelled().await;
                assert!(is_cancelled());
                seen.fetch_add(1, SeqCst);
            });
        }
        group.cancel();
        group.cancelled().await;
        group.join().await.unwrap();
        assert!(seen.load(SeqCst) <= 2, "the grace may have been shorter");
    });
}

#[test]
fn a_token_that_is_cancelled_at_any_time_ends_the_group() {
    check(|| async {
        let alive = Alive::default();
        let token = CancellationToken::new();
        let group = TaskGroup::<Error>::builder().token(token.clone()).open();
        for _ in 0..2 {
            let one = alive.one();
            group.launch(async move {
                let _one = one;
                pending::<()>().await;
            });
        }
        let cancels = tokio::spawn(async move { token.cancel() });
        // Cancelled from outside: that it was is no failure of a task.
        drop(group.join().await);
        assert_eq!(alive.get(), 0);
        cancels.await.unwrap();
    });
}

#[test]
fn a_deadline_that_strikes_at_any_step_leaves_nothing() {
    check(|| async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::builder()
            .deadline(Duration::from_secs(1))
            .grace(Duration::from_secs(1))
            .open();
        for rounds in 0..3 {
            let one = alive.one();
            group.launch(async move {
                let _one = one;
                for _ in 0..rounds {
                    yield_now().await;
                }
            });
        }
        drop(group.join().await);
        assert_eq!(alive.get(), 0);
    });
}

#[test]
fn a_panic_of_a_task_cancels_its_siblings_and_is_told() {
    check(|| async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::new();
        let one = alive.one();
        group.launch(async move {
            let _one = one;
            yield_now().await;
            std::panic::resume_unwind(Box::new("boom"));
        });
        let one = alive.one();
        group.launch(async move {
            let _one = one;
            pending::<()>().await;
        });
        let error = group.join().await.unwrap_err();
        assert!(error.to_string().contains("boom"), "{error}");
        assert_eq!(alive.get(), 0);
    });
}

#[test]
fn a_detached_task_is_joined_by_the_root_and_by_nobody_else() {
    check_fairly(1, || async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::new();
        let go = CancellationToken::new();
        let (one, wait) = (alive.one(), go.clone());
        let handle = group.spawn(async move {
            let _one = one;
            wait.cancelled().await;
        });
        let one = alive.one();
        group.launch(async move {
            let _one = one;
            yield_now().await;
        });
        detach(handle, "it waits for what comes after the group");
        group.join().await.unwrap();
        assert_eq!(alive.get(), 1);
        assert_eq!(root().live().len(), 1, "it counts in the root");
        go.cancel();
        alive.gone().await;
    });
}

#[test]
fn a_shield_in_a_group_that_is_aborted_runs_to_its_end() {
    check(|| async {
        let saved = Arc::new(AtomicBool::new(false));
        let group = TaskGroup::<Error>::new();
        let (save, begun) = (Arc::clone(&saved), Arc::new(AtomicBool::new(false)));
        let begins = Arc::clone(&begun);
        group.launch(async move {
            begins.store(true, SeqCst);
            shield(async move {
                yield_now().await;
                save.store(true, SeqCst);
            })
            .await;
        });
        group.launch(async { Err::<(), _>(Error::from("first")) });
        group.join().await.unwrap_err();
        assert_eq!(
            saved.load(SeqCst),
            begun.load(SeqCst),
            "joined with the group"
        );
    });
}

#[test]
fn a_blocking_task_is_waited_for_whenever_the_cancellation_comes() {
    check(|| async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::new();
        let one = alive.one();
        let blocking = group.spawn_blocking(move || {
            let _one = one;
            shuttle::thread::yield_now();
        });
        group.launch(async { Err::<(), _>(Error::from("first")) });
        group.join().await.unwrap_err();
        assert_eq!(alive.get(), 0);
        drop(blocking);
    });
}

#[test]
fn the_root_tells_of_what_it_left_and_of_nothing_else() {
    check(|| async {
        let alive = Alive::default();
        for _ in 0..2 {
            let one = alive.one();
            drop(root().spawn(async move {
                let _one = one;
                yield_now().await;
            }));
        }
        let left = root().join(Duration::from_secs(1)).await;
        alive.gone().await;
        assert!(left.len() <= 2);
    });
}

#[test]
fn the_handles_that_a_group_keeps_are_bounded_while_tasks_end() {
    check_fairly(20, || async {
        let alive = Alive::default();
        let group = TaskGroup::<Error>::new();
        for number in 0..120 {
            let one = alive.one();
            group.launch(async move {
                let _one = one;
            });
            if number % 40 == 0 {
                yield_now().await;
            }
        }
        group.join().await.unwrap();
        assert_eq!(alive.get(), 0);
    });
}
