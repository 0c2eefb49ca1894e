//! Futures, closures and bodies as large as those that tokio itself can spawn. Each case is a process of its own, since a stack
//! that overflows ends it.
#![allow(
    clippy::large_futures,
    clippy::large_stack_arrays,
    reason = "what is tested"
)]

mod child;
mod common;

use std::time::Duration;

use child::{NOTHING, child};
use common::{launch, launch_blocking, spawn};
use rejoin::{TaskGroup, root, shield};

/// Of one future. A worker of tokio's has two mebibytes of stack, and a debug build copies what it passes on.
const SIZE: usize = 400_000;

/// Of one that goes to a method. The attribute cannot box it there, as the receiver's method names its type, so that a debug
/// build has seven copies of it.
const BY_METHOD: usize = SIZE / 2;

/// A future of that size.
fn large() -> impl Future<Output = usize> + Send {
    of_size::<SIZE>()
}

async fn of_size<const SIZE: usize>() -> usize {
    let data = [1_u8; SIZE];
    tokio::task::yield_now().await;
    std::hint::black_box(&data).len()
}

/// Runs on a thread with a stack as large as a worker's.
fn on_small_stack(f: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(f)
        .unwrap()
        .join()
        .unwrap();
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future);
}

/// Each in a runtime of its own, whose future has one of them alone.
fn cases() {
    block_on(async { assert_eq!(spawn!("held", large()).await.unwrap(), SIZE) });
    block_on(async {
        launch!("launched", large_and_checked());
        idle().await;
    });
    block_on(async { assert_eq!(rejoin::spawn(large()).await.unwrap(), SIZE) });
    block_on(async { assert_eq!(root().spawn(large()).await.unwrap(), SIZE) });
    block_on(async { assert_eq!(shield(large()).await, SIZE) });
    block_on(async {
        let group = TaskGroup::<std::io::Error>::new();
        assert_eq!(group.spawn(large()).await.unwrap(), SIZE);
        group.join().await.unwrap();
    });
    block_on(async {
        let group = TaskGroup::<std::io::Error>::new();
        group.launch(large_and_checked());
        group.join().await.unwrap();
    });
    block_on(async {
        let data = [1_u8; SIZE];
        let length = rejoin::spawn_blocking(move || std::hint::black_box(&data).len());
        assert_eq!(length.await.unwrap(), SIZE);
    });
    block_on(async {
        let data = [1_u8; SIZE];
        launch_blocking!("blocking", move || {
            assert_eq!(std::hint::black_box(&data).len(), SIZE);
        });
        idle().await;
    });
}

/// By the method of a receiver, whose type the attribute asks for.
mod by_method {
    use tokio::runtime::Handle;
    use tokio::task::JoinSet;
    use tokio_util::task::TaskTracker;

    use super::{BY_METHOD as SIZE, of_size};

    async fn checked() {
        assert_eq!(of_size::<SIZE>().await, SIZE);
    }

    #[rejoin::task_group]
    pub(crate) async fn held() {
        let handle = Handle::current();
        let task = handle.spawn(of_size::<SIZE>());
        assert_eq!(task.await.unwrap(), SIZE);
    }

    #[rejoin::task_group]
    pub(crate) async fn discarded() {
        let handle = Handle::current();
        handle.spawn(checked());
    }

    #[rejoin::task_group]
    pub(crate) async fn in_a_set() {
        let mut set = JoinSet::new();
        set.spawn(of_size::<SIZE>());
        assert_eq!(set.join_next().await.unwrap().unwrap(), SIZE);
    }

    #[rejoin::guarded(on_panic = "unwind")]
    pub(crate) async fn tracked() {
        let tracker = TaskTracker::new();
        tracker.spawn(checked());
        tracker.close();
        tracker.wait().await;
    }

    #[rejoin::task_group]
    pub(crate) async fn blocking() {
        let handle = Handle::current();
        let data = [1_u8; SIZE];
        let length = handle.spawn_blocking(move || std::hint::black_box(&data).len());
        assert_eq!(length.await.unwrap(), SIZE);
    }
}

async fn large_and_checked() {
    assert_eq!(large().await, SIZE);
}

async fn idle() {
    assert!(root().idle(Duration::from_secs(60)).await.is_empty());
}

#[test]
fn a_large_future_can_be_spawned_by_a_method() {
    let ended = child!(a_large_future_can_be_spawned_by_a_method, NOTHING, || {
        on_small_stack(|| {
            block_on(by_method::held());
            block_on(by_method::discarded());
            block_on(by_method::in_a_set());
            block_on(by_method::tracked());
            block_on(by_method::blocking());
            eprintln!("all have ended");
        });
    });
    ended.succeeded().line("all have ended");
}

#[test]
fn a_large_future_can_be_spawned_in_every_way() {
    let ended = child!(a_large_future_can_be_spawned_in_every_way, NOTHING, || {
        on_small_stack(cases);
        eprintln!("all have ended");
    });
    ended.succeeded().line("all have ended");
}
