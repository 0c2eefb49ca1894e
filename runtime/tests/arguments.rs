//! The body's locals and arguments are dropped before the group waits (G1).

mod common;

use std::sync::{Arc, Mutex};

use common::{Error, GroupId, OnDrop, group, launch, launch_in};
use tokio::sync::mpsc;

static FUNCTION: GroupId = GroupId::new("arguments");

#[tokio::test]
async fn a_sender_among_the_arguments_is_dropped_before_the_wait() {
    async fn serve(unused: mpsc::Sender<u8>, mut inbox: mpsc::Receiver<u8>) -> u32 {
        group!(FUNCTION, async move {
            let _ = &unused; // moved in, never used again
            launch!(async move { while inbox.recv().await.is_some() {} });
            1
        })
        .await
    }
    let (sender, receiver) = mpsc::channel(1);
    assert_eq!(serve(sender, receiver).await, 1);
}

#[tokio::test]
async fn a_sender_among_the_locals_is_dropped_before_the_wait() {
    group!(FUNCTION, async {
        let (sender, mut receiver) = mpsc::channel::<u8>(1);
        launch!(async move { while receiver.recv().await.is_some() {} });
        sender.send(1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn they_are_dropped_before_the_wait_when_the_body_fails() {
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let options = common::Options::new().grace(std::time::Duration::from_secs(3600));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async move {
        let _sender = sender;
        launch!(async move {
            while receiver.recv().await.is_some() {}
        });
        Err(Error::Text("body"))
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("body")));
}

#[tokio::test]
async fn they_are_dropped_before_the_wait_when_the_body_panics() {
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let options = common::Options::new().grace(std::time::Duration::from_secs(3600));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async move {
        let _sender = sender;
        launch!(async move {
            while receiver.recv().await.is_some() {}
        });
        panic!("body")
    })
    .await;
    assert_eq!(outcome, Err(Error::Panic("body".into())));
}

#[tokio::test]
async fn they_are_dropped_before_the_wait_when_a_task_fails() {
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let options = common::Options::new().grace(std::time::Duration::from_secs(3600));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async move {
        let _sender = sender;
        launch!(async move {
            while receiver.recv().await.is_some() {}
        });
        launch_in!(FUNCTION, async { Err::<(), _>("task") });
        std::future::pending().await
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("task")));
}

#[tokio::test]
async fn the_order_is_locals_then_tasks_then_the_return() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let order = Arc::clone(&order);
        OnDrop(move || order.lock().unwrap().push(what))
    };
    let (local, task) = (note("local"), note("task"));
    let (dropped, is_dropped) = tokio::sync::oneshot::channel::<()>();
    group!(FUNCTION, async move {
        launch!(async move {
            let _ = is_dropped.await;
            drop(task);
        });
        let _dropped = dropped;
        let _local = local;
    })
    .await;
    drop(note("return"));
    assert_eq!(*order.lock().unwrap(), ["local", "task", "return"]);
}

#[tokio::test]
async fn a_task_may_wait_for_the_destructor_of_a_local() {
    // The destructor runs in the group's scope, and may still use it.
    let ran = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&ran);
    group!(FUNCTION, async move {
        let _spawns = OnDrop(move || {
            let seen = Arc::clone(&seen);
            launch!(async move { *seen.lock().unwrap() = true });
        });
        tokio::task::yield_now().await;
    })
    .await;
    assert!(*ran.lock().unwrap(), "spawned while dropping, and joined");
}
