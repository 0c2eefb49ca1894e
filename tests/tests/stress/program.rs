//! A program chosen by chance: groups in tasks in groups, which fail, panic, are cancelled, aborted, dropped and shielded.
//!
//! Run under schedules that are chosen too (`tests/schedules`), and for a minute on a busy machine (`main`). Around it are
//! `below(n)`, a number below `n`, `pause()`, which lets others run, and `boom()`, which panics.

use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use super::alive::{Alive, Error};
use super::chance::{below, boom, pause};
use rejoin::{OnFailure, TaskGroup, cancelled, shield, spawn};

fn one_of(many: u32) -> bool {
    below(many) == 0
}

/// What a task does, to a depth, before it ends in one way or another.
fn act(alive: Alive, depth: u32) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> {
    Box::pin(async move {
        for _ in 0..below(3) {
            match below(8) {
                0 | 1 if depth > 0 => group(alive.clone(), depth - 1).await?,
                2 if depth > 0 => {
                    let one = alive.one();
                    let inner = act(alive.clone(), depth - 1);
                    let handle = spawn(async move {
                        let _one = one;
                        inner.await
                    });
                    if one_of(2) {
                        handle.abort();
                    }
                    if one_of(2) {
                        // Its error is this task's; a cancellation is nobody's.
                        handle.await.unwrap_or(Ok(()))?;
                    }
                }
                3 => {
                    let one = alive.one();
                    shield(async move {
                        let _one = one;
                        pause().await;
                    })
                    .await;
                }
                4 if one_of(4) => {
                    cancelled().await;
                }
                _ => pause().await,
            }
        }
        match below(12) {
            0 => Err(Error::from("an error")),
            1 => boom(),
            2 => pending().await,
            _ => Ok(()),
        }
    })
}

/// A group of tasks that act, joined, or dropped half-way.
async fn group(outer: Alive, depth: u32) -> Result<(), Error> {
    let alive = Alive::default();
    let mut builder = TaskGroup::<Error>::builder();
    if one_of(3) {
        builder = builder.on_failure(OnFailure::Isolate);
    }
    if one_of(3) {
        builder = builder.limit(1);
    }
    if one_of(3) {
        builder = builder.grace(Duration::from_millis(1));
    }
    let group = builder.open();
    for _ in 0..=below(3) {
        // Each counts in its own group, and in the one around.
        let ones = (outer.one(), alive.one());
        let task = act(alive.clone(), depth);
        let task = async move {
            let _ones = ones;
            task.await
        };
        match below(5) {
            0 => drop(group.spawn(task)),
            1 => {
                let handle = group.spawn(task);
                if one_of(2) {
                    drop(handle.await);
                }
            }
            2 => {
                let ones = (outer.one(), alive.one());
                drop(group.spawn_blocking(move || drop(ones)));
            }
            _ => group.launch(task),
        }
    }
    if one_of(4) {
        // The group around waits for what is left.
        return Ok(());
    }
    if one_of(2) {
        pause().await;
    }
    if one_of(2) {
        group.cancel();
    }
    let joined = group.join().await;
    assert_eq!(alive.get(), 0, "a group has ended before what is in it");
    joined
}

/// A whole program, which is cancelled some time after it began: what waits for ever ends there.
pub(crate) async fn run() {
    let alive = Alive::default();
    let outer = TaskGroup::<Error>::builder()
        .on_failure(OnFailure::Isolate)
        .open();
    for _ in 0..=below(2) {
        let (inside, one) = (alive.clone(), alive.one());
        outer.launch(async move {
            let _one = one;
            group(inside, 2).await
        });
    }
    for _ in 0..below(4) {
        pause().await;
    }
    if one_of(4) {
        // Orphans of the root.
        drop(outer);
        alive.gone().await;
    } else {
        outer.cancel();
        drop(outer.join().await);
    }
    assert_eq!(alive.get(), 0, "the outermost group waits for all of them");
}
