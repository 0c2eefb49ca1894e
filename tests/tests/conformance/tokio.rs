//! tokio itself: `JoinSet`, and the `TaskTracker` of tokio-util.

use std::future::{Future as _, pending};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::FutureExt as _;
use rejoin::{TaskGroup, task_group};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet, LocalSet};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::support::{BoxError, settle, text};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// As many as there are in `n`, each of which says when it is gone, and ends by itself never.
fn idle(group: &TaskGroup<BoxError>, n: usize) -> Vec<oneshot::Receiver<()>> {
    let spawn = |_| {
        let (here, gone) = oneshot::channel();
        group.launch(async move {
            pending::<()>().await;
            drop(here);
        });
        gone
    };
    (0..n).map(spawn).collect()
}

#[tokio::test(start_paused = true)]
async fn every_output_comes_by_its_handle_whenever_it_is_ready() {
    let group = TaskGroup::<BoxError>::new();
    let mut handles = Vec::new();
    for n in 0..10 {
        handles.push(group.spawn(async move {
            sleep(Duration::from_secs(n)).await;
            n
        }));
        assert_eq!(group.len(), handles.len());
    }
    for (n, handle) in (0..).zip(handles) {
        assert_eq!(handle.await.unwrap(), n);
    }
    assert!(group.is_empty());
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn tasks_that_are_let_go_are_counted_and_waited_for_no_more() {
    let group = TaskGroup::<BoxError>::new();
    let (here, mut gone) = mpsc::channel::<()>(1);
    for _ in 0..10 {
        let here = here.clone();
        let task = group.spawn(async move {
            sleep(Duration::from_secs(1)).await;
            drop(here);
        });
        rejoin::detach(task, "they write beside the answer");
    }
    drop(here);
    // Each moves when it is polled, which it is at once.
    settle().await;
    assert_eq!(group.len(), 0);
    group.join().await.unwrap();
    // They run on.
    assert_eq!(gone.try_recv(), Err(mpsc::error::TryRecvError::Empty));
    assert_eq!(gone.recv().await, None);
}

#[tokio::test]
async fn the_count_goes_up_with_each_spawn_and_down_with_each_end() {
    let group = TaskGroup::<BoxError>::new();
    assert!(group.is_empty());
    let mut last: JoinHandle<()> = group.spawn(async {});
    for _ in 0..16 {
        let next = group.spawn(async {});
        assert_eq!(group.len(), 2);
        last.await.unwrap();
        // What has ended is not kept until somebody asks for it. The other may have ended, too.
        assert!(group.len() < 2);
        last = next;
        let only = group.len();
        if only == 0 {
            last = group.spawn(async {});
        }
        assert_eq!(group.len(), 1);
    }
    last.await.unwrap();
    assert_eq!(group.len(), 0);
    group.join().await.unwrap();
}

#[tokio::test]
async fn dropping_a_group_aborts_its_tasks() {
    let group = TaskGroup::<BoxError>::new();
    let tasks = idle(&group, 16);
    drop(group);
    for gone in tasks {
        assert!(gone.await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn of_aborted_tasks_the_handles_say_so_and_the_others_go_on() {
    let group = TaskGroup::<BoxError>::new();
    let handles: Vec<_> = (0..16)
        .map(|n| {
            let task = group.spawn(async move {
                sleep(Duration::from_secs(n)).await;
                n
            });
            if n % 2 != 0 {
                task.abort();
            }
            task
        })
        .collect();
    group.join().await.unwrap();
    for (n, handle) in (0..).zip(handles) {
        match handle.await {
            Ok(even) => assert_eq!((even, even % 2), (n, 0)),
            Err(error) => assert!(error.is_cancelled() && n % 2 == 1, "{n}: {error}"),
        }
    }
}

#[test]
fn a_runtime_that_is_gone_has_cancelled_its_tasks() {
    let group = TaskGroup::<BoxError>::new();
    let first = runtime();
    let handle = {
        let _inside = first.enter();
        group.spawn(async { 1 })
    };
    drop(first);
    runtime().block_on(async {
        assert!(handle.await.unwrap_err().is_cancelled());
        group.join().await.unwrap();
    });
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_others_before_their_time() {
    let group = TaskGroup::<BoxError>::new();
    let (late, mut later) = oneshot::channel();
    group.launch(async move {
        sleep(Duration::from_secs(2)).await;
        late.send(()).unwrap();
    });
    group.launch(async {
        sleep(Duration::from_secs(1)).await;
        panic!("at one");
    });
    assert_eq!(group.len(), 2);
    let error = group.join().await.unwrap_err();
    assert!(error.to_string().ends_with("at one"), "{error}");
    assert!(later.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_group_leaves_the_outputs_of_those_that_have_ended() {
    let group = TaskGroup::<BoxError>::new();
    let mut handles: Vec<_> = (0..5).map(|_| group.spawn(pending())).collect();
    handles.extend((0..5).map(|_| group.spawn(sleep(Duration::from_secs(1)))));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(group.len(), 5);
    group.cancel();
    group.join().await.unwrap();
    let (mut ended, mut cancelled) = (0, 0);
    for handle in handles {
        match handle.await {
            Ok(()) => ended += 1,
            Err(error) => cancelled += usize::from(error.is_cancelled()),
        }
    }
    assert_eq!((ended, cancelled), (5, 5));
}

#[tokio::test]
async fn joining_a_thousand_that_have_ended_takes_one_poll() {
    let group = TaskGroup::<BoxError>::new();
    for _ in 0..1000 {
        group.launch(async {});
    }
    while !group.is_empty() {
        settle().await;
    }
    // Nothing of the budget that tokio gives a poll is spent for a task.
    group.join().now_or_never().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_task_needs_a_local_set_and_its_group_is_none_the_worse() {
    let group = TaskGroup::<BoxError>::new();
    let spawned = async {
        rejoin::spawn_local(async {});
    };
    let panic = std::panic::AssertUnwindSafe(spawned).catch_unwind().await;
    let text = text(&*panic.unwrap_err());
    assert!(
        text.starts_with("`spawn_local` called from outside of a"),
        "{text}"
    );
    group.join().await.unwrap();
    assert!(std::panic::catch_unwind(|| drop(rejoin::spawn_local(async {}))).is_err());
}

/// Eight that stay on their thread, and end by themselves or not.
#[task_group]
async fn local(set: &LocalSet, fail: bool, ends: bool) -> Result<usize, BoxError> {
    set.run_until(async {
        let mut handles = Vec::new();
        for n in 0..8 {
            let n = Rc::new(n);
            handles.push(tokio::task::spawn_local(async move {
                if !ends {
                    pending::<()>().await;
                }
                *n
            }));
        }
        settle().await;
        if fail {
            return Err("enough".into());
        }
        let mut sum = 0;
        for handle in handles {
            sum += handle.await?;
        }
        Ok(sum)
    })
    .await
}

#[tokio::test]
async fn local_tasks_are_joined() {
    assert_eq!(local(&LocalSet::new(), false, true).await.unwrap(), 28);
}

#[tokio::test]
async fn local_tasks_are_cancelled_with_their_group() {
    // Their set is driven on while the group waits.
    let set = LocalSet::new();
    let error = set.run_until(local(&LocalSet::new(), true, true)).await;
    assert_eq!(error.unwrap_err().to_string(), "enough");

    let set = LocalSet::new();
    let mut group = Box::pin(local(&set, true, false));
    while group.as_mut().now_or_never().is_none() {
        set.run_until(settle()).await;
    }
    assert!(
        rejoin::root()
            .live()
            .iter()
            .all(|task| !task.path().contains("local"))
    );
}

#[tokio::test]
async fn local_tasks_end_with_a_group_that_is_dropped() {
    let set = LocalSet::new();
    let mut group = Box::pin(local(&set, false, false));
    for _ in 0..3 {
        assert!(group.as_mut().now_or_never().is_none());
    }
    drop(group);
    // They have been aborted, and go as soon as their set is driven.
    set.await;
}

/// Tasks that others put on a local set.
#[task_group]
async fn on_another(set: LocalSet, keep: bool) -> usize {
    let mut tasks = JoinSet::new();
    let tracker = TaskTracker::new();
    for n in 0..8 {
        let n = Rc::new(n);
        tasks.spawn_local_on(async move { *n }, &set);
        tracker.spawn_local_on(async {}, &set);
    }
    if keep {
        drop(tasks);
        set.await;
        return 0;
    }
    let mut sum = 0;
    set.run_until(async {
        while let Some(n) = tasks.join_next().await {
            sum += n.unwrap();
        }
    })
    .await;
    sum
}

#[tokio::test]
async fn tasks_of_a_join_set_on_a_local_set_are_the_groups() {
    assert_eq!(on_another(LocalSet::new(), false).await, 28);
    assert_eq!(on_another(LocalSet::new(), true).await, 0);
}

/// Drives a runtime where it is dropped.
struct DriveOnDrop(Runtime);

impl Wake for DriveOnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for DriveOnDrop {
    fn drop(&mut self) {
        self.0.block_on(tokio::task::yield_now());
    }
}

#[test]
fn a_waker_may_do_anything_where_it_is_dropped() {
    let first = runtime();
    let group = TaskGroup::<BoxError>::new();
    let handle = {
        let _inside = first.enter();
        group.spawn(async { 42 })
    };
    let waker = Waker::from(Arc::new(DriveOnDrop(first)));
    let mut join = pin!(group.join());
    let mut first = Context::from_waker(&waker);
    assert!(join.as_mut().poll(&mut first).is_pending());
    drop(waker);
    // The last one is dropped here, runs the task, and that wakes whoever joins.
    let mut polls = (0..3).map(|_| join.as_mut().poll(&mut Context::from_waker(Waker::noop())));
    assert!(polls.any(|polled| matches!(polled, Poll::Ready(Ok(())))));
    assert_eq!(handle.now_or_never().unwrap().unwrap(), 42);
}

#[tokio::test]
async fn an_empty_group_is_joined_at_once() {
    let group = TaskGroup::<BoxError>::new();
    group.join().now_or_never().unwrap().unwrap();
}

#[tokio::test]
async fn the_join_ends_with_the_last_task_and_no_sooner() {
    let group = TaskGroup::<BoxError>::new();
    let ends: Vec<_> = (0..5)
        .map(|_| {
            let (end, ended) = oneshot::channel::<()>();
            group.launch(async move { drop(ended.await) });
            end
        })
        .collect();
    assert_eq!(group.len(), 5);
    let mut join = Box::pin(group.join());
    for end in ends {
        assert!(join.as_mut().now_or_never().is_none());
        drop(end);
        settle().await;
    }
    join.now_or_never().unwrap().unwrap();
}

#[tokio::test]
async fn a_group_that_was_empty_waits_for_what_comes_later() {
    let group = TaskGroup::<BoxError>::new();
    group.spawn(async {}).await.unwrap();
    assert!(group.is_empty());
    let (end, ended) = oneshot::channel::<()>();
    group.launch(async move { drop(ended.await) });
    let mut join = Box::pin(group.join());
    assert!(join.as_mut().now_or_never().is_none());
    drop(end);
    join.await.unwrap();
}

#[tokio::test]
async fn a_task_that_leaves_another_behind_does_not_end_the_wait() {
    let group = TaskGroup::<BoxError>::new();
    let (end, ended) = oneshot::channel::<()>();
    group.launch(async move {
        drop(rejoin::spawn(async move { drop(ended.await) }));
    });
    let mut join = Box::pin(group.join());
    settle().await;
    assert!(join.as_mut().now_or_never().is_none());
    drop(end);
    join.await.unwrap();
}
