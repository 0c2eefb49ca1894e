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

/// A future of that size.
async fn large() -> usize {
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

async fn large_and_checked() {
    assert_eq!(large().await, SIZE);
}

async fn idle() {
    assert!(root().idle(Duration::from_secs(60)).await.is_empty());
}

#[test]
fn a_large_future_can_be_spawned_in_every_way() {
    let ended = child!(a_large_future_can_be_spawned_in_every_way, NOTHING, || {
        on_small_stack(cases);
        eprintln!("all have ended");
    });
    ended.succeeded().line("all have ended");
}
