//! Held or discarded (G2): the outcome goes to the handle or to the group, never to both.

mod common;

use common::{Error, GroupId, group, launch, launch_in, panic_of, spawn};
use futures::FutureExt as _;
use rejoin::{PanicError, TaskGroup};

static FUNCTION: GroupId = GroupId::new("handles");

#[tokio::test]
async fn the_error_of_a_held_task_is_its_handles_alone() {
    let outcome = group!(FUNCTION -> Result<&str, Error>, async {
        let task = spawn!("held", async { Err::<(), _>("mine") });
        assert_eq!(task.await.unwrap(), Err("mine"));
        assert!(!rejoin::is_cancelled());
        Ok("goes on")
    })
    .await;
    assert_eq!(outcome, Ok("goes on"));
}

#[tokio::test]
async fn the_panic_of_a_held_task_is_its_handles_alone() {
    let outcome = group!(FUNCTION -> Result<&str, Error>, async {
        let task = spawn!("held", async { panic!("mine") });
        let error: tokio::task::JoinError = task.await.unwrap_err();
        assert!(!rejoin::is_cancelled());
        let panic = PanicError::from_join_error(error).unwrap();
        assert_eq!(panic.message(), "mine");
        assert_eq!(panic.task(), Some("handles/held"));
        Ok("goes on")
    })
    .await;
    assert_eq!(outcome, Ok("goes on"));
}

#[tokio::test]
async fn a_held_panic_keeps_its_payload() {
    let task = rejoin::spawn(async { std::panic::panic_any(7_u8) });
    let error: tokio::task::JoinError = task.await.map(|(): ()| ()).unwrap_err();
    assert_eq!(*error.into_panic().downcast::<u8>().unwrap(), 7);
}

#[tokio::test]
async fn a_handle_that_is_dropped_later_loses_its_outcome_to_nobody() {
    // Held at the spawn, so it is not the group's, even when nobody looks.
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        drop(Box::new(spawn!("held", async { Err::<(), _>("nobody's") })));
        drop(Box::new(spawn!("held", async {
            std::panic::panic_any("nobody's");
        })));
        Ok(())
    })
    .await;
    assert_eq!(outcome, Ok(()));
}

#[tokio::test]
async fn the_error_of_a_discarded_task_is_the_groups() {
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        launch_in!(FUNCTION, async { Err::<(), _>("theirs") });
        Ok(())
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("theirs")));
}

#[tokio::test]
async fn the_panic_of_a_discarded_task_is_the_groups() {
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        launch!(async { panic!("theirs") });
        Ok(())
    })
    .await;
    assert_eq!(outcome, Err(Error::Panic("theirs".into())));
}

#[tokio::test]
async fn the_value_of_a_discarded_task_is_dropped() {
    group!(FUNCTION, async {
        launch!(async { 7 });
        launch!(async { Ok::<_, std::convert::Infallible>(7) });
    })
    .await;
}

#[tokio::test]
async fn a_blocking_task_follows_the_same_rules() {
    let held = group!(FUNCTION -> Result<(), Error>, async {
        let task = rejoin::spawn_blocking(|| panic!("held"));
        assert!(task.await.map(|(): ()| ()).unwrap_err().is_panic());
        Ok(())
    })
    .await;
    assert_eq!(held, Ok(()));
    let discarded = group!(FUNCTION -> Result<(), Error>, async {
        common::launch_blocking!("blocking", || panic!("discarded"));
        Ok(())
    })
    .await;
    assert_eq!(discarded, Err(Error::Panic("discarded".into())));
}

#[tokio::test]
async fn a_thread_follows_the_same_rules() {
    const SITE: &common::Site = &common::Site::new("thread");
    let held = group!(FUNCTION -> Result<(), Error>, async {
        let thread = rejoin::__private::spawn_thread(SITE, || panic!("held"));
        let payload = thread.join().map(|(): ()| ()).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"held"));
        Ok(())
    })
    .await;
    assert_eq!(held, Ok(()));
    let discarded = group!(FUNCTION -> Result<(), Error>, async {
        rejoin::__private::launch_thread(SITE, common::plain(), || panic!("discarded"));
        Ok(())
    })
    .await;
    assert_eq!(discarded, Err(Error::Panic("discarded".into())));
}

#[tokio::test]
async fn the_explicit_group_splits_them_by_spawn_and_launch() {
    let group = TaskGroup::<std::io::Error>::new();
    let held = group.spawn(async { Err::<(), _>("held") });
    assert_eq!(held.await.unwrap(), Err("held"));
    let held = group.spawn(async { panic!("held") });
    assert!(held.await.map(|(): ()| ()).unwrap_err().is_panic());
    assert!(!group.is_cancelled());
    group.launch(async { Err::<(), _>(std::io::Error::other("discarded")) });
    assert_eq!(group.join().await.unwrap_err().to_string(), "discarded");
}

#[tokio::test]
async fn a_panic_without_an_error_type_unwinds_out_of_the_group() {
    let group = group!(FUNCTION, async {
        launch!(async { panic!("no Result here") });
        std::future::pending::<u8>().await
    });
    assert_eq!(panic_of(group).await, "no Result here");

    let group = group!(FUNCTION, async {
        launch!(async { std::panic::panic_any(7_u8) });
    });
    let payload = std::panic::AssertUnwindSafe(group)
        .catch_unwind()
        .await
        .unwrap_err();
    assert_eq!(*payload.downcast::<u8>().unwrap(), 7, "the payload itself");
}

#[tokio::test]
async fn the_explicit_group_launches_a_loop_without_an_end() {
    let group = TaskGroup::<std::io::Error>::new();
    group.launch(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    group.cancel();
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_builder_opens_one_group_after_the_other_whatever_their_error() {
    let builder = TaskGroup::<Box<dyn std::error::Error + Send + Sync>>::builder().limit(1);
    for error in ["first", "second"] {
        let group = builder.clone().open();
        let first = group.try_spawn(async {}).ok().expect("a free place");
        assert!(
            group.try_spawn(async {}).is_err(),
            "the options are cloned as well"
        );
        first.await.unwrap();
        group.launch(async move { Err::<(), _>(error) });
        assert_eq!(group.join().await.unwrap_err().to_string(), error);
    }
}
