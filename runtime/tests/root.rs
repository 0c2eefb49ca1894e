//! The root: tasks that outlive their group, what is alive, and a shutdown that is asked for.

mod common;

use std::future::pending;

use common::log::Log;
use common::{Error, GroupId, group, launch, launch_nowhere, live, settle, spawn};
use rejoin::{TaskGroup, is_cancelled, root};
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("under_the_root");

type Group = TaskGroup<std::io::Error>;

#[tokio::test]
async fn a_task_of_the_root_outlives_the_group_that_spawned_it() {
    let (end, ended) = oneshot::channel::<()>();
    let (task,) = group!(FUNCTION, async {
        let task = root().spawn(async {
            ended.await.unwrap();
            is_cancelled()
        });
        (task,)
    })
    .await;
    end.send(()).unwrap();
    assert!(!task.await.unwrap());
}

#[tokio::test]
async fn it_is_not_cancelled_with_the_group_that_spawned_it() {
    let group = Group::new();
    let (sender, task) = oneshot::channel();
    group.launch(async {
        sender.send(root().spawn(settle())).unwrap();
        pending::<()>().await;
    });
    let task = task.await.unwrap();
    drop(group);
    task.await.unwrap();
}

#[tokio::test]
async fn it_spawns_even_where_the_scope_is_cancelled() {
    let group = Group::builder()
        .grace(std::time::Duration::from_secs(60))
        .open();
    let task = group.spawn(async {
        rejoin::cancelled().await;
        root().spawn(async { 7 }).await
    });
    settle().await;
    group.cancel();
    assert_eq!(task.await.unwrap().unwrap(), 7);
    group.join().await.unwrap();
}

#[tokio::test]
async fn what_it_spawns_belongs_to_the_root() {
    let task = root().spawn(async {
        let task = spawn!("grandchild_of_the_root", pending::<()>());
        let seen = live("grandchild_of_the_root");
        task.abort();
        seen
    });
    assert_eq!(task.await.unwrap(), ["grandchild_of_the_root"]);
}

#[tokio::test]
async fn it_never_fails_from_a_task() {
    let (log, _guard) = Log::here();
    launch!("panics_in_the_root", async { panic!("in the root") });
    launch_nowhere!(async { Err::<(), _>("in the root") });
    while log.lines().len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines(), ["panic: in the root", "error: in the root"]);
    assert!(!is_cancelled());
    assert_eq!(spawn!("next", async { 1 }).await.unwrap(), 1);
}

#[tokio::test]
async fn live_tells_name_place_kind_and_age() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let line = line!() + 1;
    let task = rejoin::spawn_blocking(move || released.recv().map_err(drop));
    let live = root().live();
    let seen = live
        .iter()
        .find(|task| task.spawned_at().line() == line)
        .unwrap();
    assert_eq!(seen.spawned_at().file(), file!());
    assert_eq!(seen.kind(), rejoin::TaskKind::Blocking);
    assert!(!seen.kind().can_abort());
    assert!(seen.age() < std::time::Duration::from_secs(60));
    let text = seen.to_string();
    assert!(text.starts_with("blocking `task` spawned at "), "{text}");
    drop(release);
    let _ = task.await.unwrap();
}

#[tokio::test]
async fn a_shutdown_that_is_asked_for_cancels_nothing() {
    let listener = rejoin::spawn(rejoin::shutdown_requested());
    let worker = spawn!("in_flight", async {
        settle().await;
        is_cancelled()
    });
    root().request_shutdown();
    listener.await.unwrap();
    assert!(!worker.await.unwrap());
    assert!(!is_cancelled());
    let outcome = group!(FUNCTION -> Result<u8, Error>, async {
        launch!(async {});
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1), "work goes on");
}
