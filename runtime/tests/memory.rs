//! Finished tasks cost nothing (G13). Alone in its process: it counts every allocation.
#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

use rejoin::TaskGroup;
use tokio::sync::Semaphore;

/// What one task holds. Less than 2048, from where on tokio puts the future of a task beside its cell; and no collection
/// that doubles its capacity comes by a size between this and that.
const CELL: usize = 1560;

/// Counts bytes, and allocations of the size of a task.
struct Counting;

static BYTES: AtomicUsize = AtomicUsize::new(0);
static CELLS: AtomicUsize = AtomicUsize::new(0);

fn is_cell(layout: Layout) -> bool {
    (CELL..2048).contains(&layout.size())
}

// SAFETY: everything is the system allocator's; the counting touches no memory of the caller's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Ordering::SeqCst);
        CELLS.fetch_add(usize::from(is_cell(layout)), Ordering::SeqCst);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::SeqCst);
        CELLS.fetch_sub(usize::from(is_cell(layout)), Ordering::SeqCst);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Group = TaskGroup<std::io::Error>;

const TASKS: usize = 5000;

/// Something that makes a task cell big.
async fn big(wait: impl Future<Output = ()>) {
    let ballast = [1_u8; CELL];
    wait.await;
    assert_eq!(ballast[CELL - 1], 1);
}

/// How many tasks are allocated.
fn tasks() -> usize {
    CELLS.load(Ordering::SeqCst)
}

async fn ends(group: &Group, left: usize) {
    while group.len() > left {
        tokio::task::yield_now().await;
    }
    // The last one has given back its unit, and is freed a moment later.
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn what_is_retained_is_bounded_by_twice_the_live_tasks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        at_spawn().await;
        at_completion().await;
        beside_live_ones().await;
        of_detached_ones().await;
        of_nested_groups().await;
    });
}

/// One at a time: each spawn looks.
async fn at_spawn() {
    let group = Group::new();
    let mut most = 0;
    for _ in 0..TASKS {
        group.launch(big(async {}));
        tokio::task::yield_now().await;
        most = most.max(tasks());
    }
    assert!(most <= 2 + 64, "{most} cells for one live task");
    group.join().await.unwrap();
}

/// All at once, and then nobody spawns any more: each end looks.
async fn at_completion() {
    let group = Group::new();
    let go = std::sync::Arc::new(Semaphore::new(0));
    for _ in 0..TASKS {
        let go = go.clone();
        group.launch(big(async move { go.acquire().await.unwrap().forget() }));
    }
    tokio::task::yield_now().await;
    assert!(tasks() >= TASKS);
    go.add_permits(TASKS - 100);
    ends(&group, 100).await;
    let cells = tasks();
    assert!(
        (100..=2 * 100 + 64).contains(&cells),
        "{cells} cells for 100 live tasks"
    );
    go.add_permits(100);
    ends(&group, 0).await;
    let cells = tasks();
    assert!(cells <= 64, "{cells} cells for no live task");
    group.join().await.unwrap();
    tokio::task::yield_now().await;
    let cells = tasks();
    assert!(cells == 0, "{cells} cells without a group");
}

/// A group with long-lived tasks and a stream of short ones, as a server has it.
async fn beside_live_ones() {
    let group = Group::new();
    for _ in 0..100 {
        group.launch(big(pending()));
    }
    let mut most = 0;
    for _ in 0..TASKS {
        group.launch(big(async {}));
        tokio::task::yield_now().await;
        most = most.max(tasks());
    }
    assert!(most <= 2 * 101 + 64, "{most} cells for 101 live tasks");
    drop(group);
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    let cells = tasks();
    assert!(cells == 0, "{cells} cells without a group");
}

/// A task that was let go leaves its group's list, and the root's when it ends.
async fn of_detached_ones() {
    let group = Group::new();
    for _ in 0..1000 {
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let task = group.spawn(big(async { ended.await.unwrap() }));
        tokio::task::yield_now().await;
        rejoin::detach(task, "on purpose");
        end.send(()).unwrap();
        tokio::task::yield_now().await;
    }
    ends(&group, 0).await;
    let cells = tasks();
    assert!(
        cells <= 2 * 64,
        "{cells} cells of detached tasks, in two lists"
    );
    group.join().await.unwrap();
}

/// Scopes that have ended leave nothing in the one around them.
async fn of_nested_groups() {
    let outer = Group::new();
    let task = outer.spawn(async {
        let round = || async {
            for _ in 0..TASKS {
                Group::new().join().await.unwrap();
            }
        };
        round().await;
        let before = BYTES.load(Ordering::SeqCst);
        round().await;
        BYTES.load(Ordering::SeqCst).saturating_sub(before)
    });
    assert_eq!(
        task.await.unwrap(),
        0,
        "bytes of {TASKS} groups that have ended"
    );
    outer.join().await.unwrap();
}
