//! Tasks: their values, their aborts, their ends, and what comes too late.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use rejoin::{TaskGroup, guarded, task_group};
use tokio::time::{Instant, sleep};

use super::super::support::{BoxError, Gauge, OnDrop, settle};

const TENTH: Duration = Duration::from_millis(100);

#[task_group]
async fn spawns_two(later: bool) -> Result<(u32, u32), BoxError> {
    let first = tokio::spawn(async {
        sleep(TENTH).await;
        42
    });
    if later {
        sleep(3 * TENTH / 2).await;
    }
    let second = tokio::spawn(async {
        sleep(2 * TENTH).await;
        11
    });
    // Awaited in the other order: a task that has ended keeps its value.
    let second = second.await?;
    assert!(first.is_finished());
    Ok((first.await?, second))
}

#[tokio::test(start_paused = true)]
async fn held_tasks_keep_their_values_until_they_are_awaited() {
    for later in [false, true] {
        assert_eq!(spawns_two(later).await.unwrap(), (42, 11));
    }
}

#[tokio::test]
async fn aborting_one_task_spares_the_group() {
    let group = TaskGroup::<BoxError>::new();
    let first = group.spawn(pending::<()>());
    settle().await;
    first.abort();
    let second = group.spawn(async {
        settle().await;
        11
    });
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(second.await.unwrap(), 11);
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

#[task_group]
async fn has_five(gauge: Gauge, body_waits: bool) {
    for _ in 0..5 {
        let place = gauge.enter();
        tokio::spawn(async move {
            let _place = place;
            pending::<()>().await;
        });
    }
    if body_waits {
        let _place = gauge.enter();
        pending::<()>().await;
    }
}

#[tokio::test]
async fn aborting_the_host_cancels_its_body_and_its_tasks() {
    for body_waits in [false, true] {
        let gauge = Gauge::default();
        let host = tokio::spawn(has_five(gauge.clone(), body_waits));
        settle().await;
        assert!(!host.is_finished());
        assert_eq!(gauge.now(), 5 + usize::from(body_waits));
        host.abort();
        assert!(host.await.unwrap_err().is_cancelled());
        settle().await;
        assert_eq!(gauge.now(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn finished_tasks_are_released() {
    let (group, held) = (TaskGroup::<BoxError>::new(), Arc::new(()));
    for count in 0..10 {
        sleep(TENTH).await;
        let holds = Arc::clone(&held);
        group.launch(async move {
            sleep(3 * TENTH).await;
            drop(holds);
        });
        if count == 5 {
            assert!(group.len() < 5, "{} of 6", group.len());
            assert_eq!(Arc::strong_count(&held), group.len() + 1);
        }
    }
    sleep(4 * TENTH).await;
    assert_eq!((group.len(), Arc::strong_count(&held)), (0, 1));
    group.join().await.unwrap();
}

#[task_group]
async fn grows(gauge: Gauge) {
    tokio::spawn(async move {
        sleep(TENTH).await;
        for time in [TENTH, 2 * TENTH] {
            let gauge = gauge.clone();
            tokio::spawn(async move {
                let _place = gauge.enter();
                sleep(time).await;
            });
        }
    });
}

#[tokio::test(start_paused = true)]
async fn tasks_spawned_by_tasks_are_waited_for() {
    let (gauge, before) = (Gauge::default(), Instant::now());
    grows(gauge.clone()).await;
    assert_eq!((gauge.all(), gauge.now()), (2, 0));
    assert_eq!(before.elapsed().as_millis(), 300);
}

#[guarded(on_panic = "unwind")]
fn hydra(gauge: Gauge) {
    tokio::spawn(async move {
        let place = gauge.enter();
        sleep(TENTH).await;
        hydra(gauge.clone());
        hydra(gauge);
        drop(place);
    });
}

#[task_group]
async fn hercules(gauge: Gauge) -> Result<(), BoxError> {
    hydra(gauge.clone());
    tokio::spawn(async move {
        while gauge.all() < 10 {
            sleep(TENTH).await;
        }
        Err::<(), BoxError>("burnt".into())
    });
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failure_ends_tasks_that_keep_spawning() {
    let gauge = Gauge::default();
    assert_eq!(
        hercules(gauge.clone()).await.unwrap_err().to_string(),
        "burnt"
    );
    assert!(gauge.all() >= 10);
    assert_eq!(gauge.now(), 0);
}

#[task_group(grace = "1h")]
async fn spawns_after_a_failure(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(async move {
        rejoin::cancelled().await;
        let (discarded, held) = (gauge.enter(), gauge.enter());
        tokio::spawn(async move {
            let _place = discarded;
            panic!("polled after a failure");
        });
        let held = tokio::spawn(async move { drop(held) });
        assert_eq!(gauge.now(), 0, "both are dropped at once");
        assert!(held.await.unwrap_err().is_cancelled());
    });
    settle().await;
    tokio::spawn(async { Err::<(), BoxError>("the failure".into()) });
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_nothing_new_begins() {
    let gauge = Gauge::default();
    let error = spawns_after_a_failure(gauge.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "the failure");
    assert_eq!((gauge.all(), gauge.now()), (2, 0));
}

#[task_group]
async fn spawns_its_own_end(begun: Gauge, never: Gauge) -> Result<(), BoxError> {
    tokio::spawn(async move {
        let _begun = begun.enter();
        // Spawned by a destructor, while the group aborts this task.
        let _cleanup = OnDrop(|| {
            let never = never.clone();
            tokio::spawn(async move { drop(never.enter()) });
        });
        tokio::spawn(async { Err::<(), BoxError>("of the third task".into()) });
        pending::<()>().await;
    });
    Ok(())
}

#[tokio::test]
async fn a_task_created_during_the_abort_is_cancelled_too() {
    let (begun, never) = (Gauge::default(), Gauge::default());
    let error = spawns_its_own_end(begun.clone(), never.clone()).await;
    assert_eq!(error.unwrap_err().to_string(), "of the third task");
    assert_eq!((begun.all(), begun.now(), never.all()), (1, 0, 0));
}
