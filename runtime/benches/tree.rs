//! The live tree: what a snapshot takes, and how long it makes others wait.
//!
//! While 100 000 tasks are alive, one thread spawns into the same scope and another takes snapshots. The figure is the
//! longest that one spawn took in the time of a snapshot, beside the longest in as much time without one; on a
//! machine with other work both have the pauses of the scheduler in them. Medians over the rounds.
//!
//! A poll does nothing for the tree, which reads what scopes keep anyhow: one in a scope costs the same with 100 000 tasks
//! beside it. What it costs above a bare one is that the scope is made the ambient one.
//!
//! `cargo bench -p rejoin --bench tree`

use std::future::pending;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rejoin::TaskGroup;
use tokio::runtime::{Builder, Runtime};

const TASKS: usize = 100_000;
const ROUNDS: usize = 31;
const POLLS: u32 = 2_000_000;

type Group = TaskGroup<std::io::Error>;

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Spawns until it is told to stop; gives the longest that a spawn took.
fn slowest_spawn(group: &Group, stop: &AtomicBool) -> Duration {
    let mut slowest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        drop(black_box(group.spawn(pending::<()>())));
        slowest = slowest.max(began.elapsed());
        // Few enough that the number of tasks stays what it is: a load that comes in time, and not on an event.
        std::thread::sleep(Duration::from_micros(20));
    }
    slowest
}

/// The longest that a spawn took while `f` ran, and how long that was.
fn beside(runtime: &Runtime, group: &Group, f: impl FnOnce()) -> (Duration, Duration) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let spawner = threads.spawn(|| {
            let _in_it = runtime.enter();
            slowest_spawn(group, &stop)
        });
        let began = Instant::now();
        f();
        let took = began.elapsed();
        stop.store(true, Ordering::Relaxed);
        (spawner.join().expect("no panic"), took)
    })
}

/// The time of one poll of a task that yields again and again.
fn poll(spawn: impl FnOnce(&Runtime) -> tokio::task::JoinHandle<()>) -> Duration {
    let runtime = runtime();
    let task = spawn(&runtime);
    let began = Instant::now();
    runtime.block_on(task).expect("no panic");
    began.elapsed() / POLLS
}

async fn yields() {
    let mut left = POLLS;
    std::future::poll_fn(|cx| {
        left -= 1;
        if left == 0 {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn main() {
    let (mut bare, mut owned, mut crowded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        bare.push(poll(|runtime| runtime.spawn(yields())));
        owned.push(poll(|runtime| {
            let _in_it = runtime.enter();
            rejoin::root().spawn(yields())
        }));
    }
    let idle = runtime();
    let _in_it = idle.enter();
    let group = Group::builder().name("idle").open();
    for _ in 0..TASKS {
        group.launch(pending::<()>());
    }
    for _ in 0..5 {
        crowded.push(poll(|runtime| {
            let _in_it = runtime.enter();
            group.spawn(yields())
        }));
    }
    let (mut with, mut without, mut took) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (slowest, time) = beside(&idle, &group, || {
            black_box(rejoin::tree());
        });
        with.push(slowest);
        took.push(time);
        // As long, and nobody takes a snapshot.
        without.push(beside(&idle, &group, || std::thread::sleep(time)).0);
    }
    println!("{TASKS} tasks alive, medians of {ROUNDS} rounds");
    println!(
        "  a snapshot takes                       {:>10.1?}",
        median(took)
    );
    println!(
        "  slowest spawn while one is taken       {:>10.1?}",
        median(with)
    );
    println!(
        "  slowest spawn in as much time without  {:>10.1?}",
        median(without)
    );
    let tree = rejoin::tree();
    let texts = (0..5).map(|_| {
        let began = Instant::now();
        black_box(tree.to_string());
        began.elapsed()
    });
    println!(
        "  its text, alike ones merged, takes     {:>10.1?}",
        median(texts.collect())
    );

    println!("one poll of a task, medians of 5");
    for (what, times) in [
        ("bare", bare),
        ("in a scope, alone", owned),
        ("in a scope, with all of them beside it", crowded),
    ] {
        println!("  {what:38} {:>10.1?}", median(times));
    }
}
