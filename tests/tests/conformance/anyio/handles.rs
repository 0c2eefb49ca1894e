//! Handles, names, and what a task is given.

use std::future::pending;
use std::panic::panic_any;

use rejoin::{LiveTask, TaskGroup, task_group};
use tokio::sync::oneshot;

use super::super::support::{BoxError, Gauge, settle};
use crate::common::{listen, wait_for_report};

type Group = TaskGroup<BoxError>;

#[tokio::test]
async fn a_handle_says_whether_its_task_has_ended_and_gives_its_value() {
    let group = Group::new();
    let (go, wait) = oneshot::channel();
    let mut task = group.spawn(async move { 2 + wait.await.unwrap_or(0) });
    settle().await;
    assert!(!task.is_finished());
    assert!(futures::poll!(&mut task).is_pending());
    go.send(4).unwrap();
    settle().await;
    assert!(task.is_finished());
    assert_eq!(task.await.unwrap(), 6);
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn the_error_of_a_held_task_goes_to_its_handle_alone() {
    let group = Group::new();
    let mut task = group.spawn(async { Err::<(), _>("a dummy error") });
    assert_eq!((&mut task).await.unwrap(), Err("a dummy error"));
    assert!(task.is_finished());
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn the_panic_of_a_held_task_goes_to_its_handle_and_is_reported() {
    listen();
    let group = Group::new();
    let task = group.spawn(async { panic_any("the exit of a held task") });
    let panic = task.await.map(|(): ()| ()).unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"the exit of a held task"));
    let report = wait_for_report("the exit of a held task");
    assert_eq!(report.get("kind"), "panic");
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_task_aborted_by_its_handle_is_cancelled_whether_it_has_begun_or_not() {
    for waits_until_it_runs in [false, true] {
        let begun = Gauge::default();
        let begins = begun.clone();
        let group = Group::new();
        let task = group.spawn(async move {
            let _place = begins.enter();
            pending::<()>().await;
        });
        if waits_until_it_runs {
            settle().await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(begun.all(), usize::from(waits_until_it_runs));
        assert_eq!(begun.now(), 0);
        assert!(!group.is_cancelled());
        group.join().await.unwrap();
    }
}

tokio::task_local! {
    static GIVEN: u32;
}

#[tokio::test]
async fn a_task_has_the_task_locals_that_its_spawner_gives_it() {
    let group = Group::new();
    let task = group.spawn(GIVEN.scope(42, async { GIVEN.get() }));
    assert_eq!(task.await.unwrap(), 42);
    let task = GIVEN.sync_scope(42, || group.spawn(async { GIVEN.try_get().is_err() }));
    assert!(task.await.unwrap(), "none that it is not given");
    group.join().await.unwrap();
}

/// The live tasks whose path contains this.
fn live(part: &str) -> Vec<LiveTask> {
    let mut live = rejoin::root().live();
    live.retain(|task| task.path().contains(part));
    live
}

#[task_group]
async fn by_default(part: &str) -> String {
    let task = tokio::spawn(pending::<()>());
    let [live] = &live(part)[..] else {
        panic!("one task")
    };
    task.abort();
    live.name().to_owned()
}

#[task_group(name = "given by the user")]
async fn by_a_name(part: &str) -> String {
    let task = tokio::spawn(pending::<()>());
    let [live] = &live(part)[..] else {
        panic!("one task")
    };
    task.abort();
    live.name().to_owned()
}

#[tokio::test]
async fn the_name_of_a_task_is_the_path_of_its_function_or_the_name_that_was_given() {
    let name = by_default("handles::by_default").await;
    assert_eq!(name, concat!(module_path!(), "::by_default"));
    let name = by_a_name("given by the user").await;
    assert_eq!(name, "given by the user");
}

#[task_group(name = "starts")]
async fn starts(nested: oneshot::Sender<()>) {
    let nested_group = tokio::spawn(async move {
        // The task of a task: its parent is the group, and not the task.
        tokio::spawn(async move {
            nested.send(()).unwrap();
            pending::<()>().await;
        });
        inside().await;
    });
    let _ = nested_group.await;
}

#[task_group(name = "inside")]
async fn inside() {
    tokio::spawn(pending::<()>());
}

#[tokio::test]
async fn the_parent_of_a_task_is_its_group_whoever_spawned_it() {
    let (tell, told) = oneshot::channel();
    let group = Group::builder().name("parents").open();
    group.launch(starts(tell));
    told.await.unwrap();
    settle().await;
    let live = live("parents/");
    let mut paths: Vec<_> = live.iter().map(LiveTask::path).collect();
    paths.sort_unstable();
    let nested = "parents/task/starts";
    let inside = "parents/task/starts/inside";
    assert_eq!(paths, ["parents/task", nested, nested, inside]);
    let tree = rejoin::tree();
    let scope = |name: &str| {
        let mut scopes = tree.scopes().iter();
        scopes.find(|scope| scope.name() == name).unwrap()
    };
    let (parents, starts) = (scope("parents"), scope("starts"));
    assert_eq!(starts.parent(), Some(parents.id()));
    assert_eq!(scope("inside").parent(), Some(starts.id()));
    assert_eq!(starts.tasks().len(), 2);
    group.cancel();
    group.join().await.unwrap();
}

#[tokio::test]
async fn what_makes_a_future_runs_in_the_spawner_and_the_future_in_its_task() {
    let group = Group::new();
    let outside = tokio::spawn(async move {
        let here = tokio::task::id();
        let make = || {
            assert_eq!(tokio::task::id(), here);
            async move { tokio::task::id() }
        };
        let there = group.spawn(make()).await.unwrap();
        group.join().await.unwrap();
        (here, there)
    });
    let (here, there) = outside.await.unwrap();
    assert_ne!(here, there);
}
