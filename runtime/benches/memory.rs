//! Bytes per idle task, above raw tokio.
//!
//! tokio rounds each task up to whole pairs of cache lines, so what a few bytes cost depends on the size of the future:
//! the figure is the mean over sixteen sizes, one word apart. The handles of the raw tasks are dropped; a program that
//! keeps them needs eight bytes more for each. `cargo bench -p rejoin --bench memory`

use std::alloc::System;
use std::future::{Future, pending};
use std::hint::black_box;
use std::task::Poll;

use rejoin::__private::{Function, Options, Plain, Site, launch, shape, spawn, task_group};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TASKS: usize = 100_000;

static FUNCTION: Function = Function::new("memory");
static SITE: Site = Site::new("memory::idle");

/// A future that never ends and keeps so many words, beside the state that rustc gives it.
fn idle<const WORDS: usize>() -> impl Future<Output = ()> + Send {
    let words = [0_u64; WORDS];
    async move {
        pending::<()>().await;
        black_box(&words);
    }
}

/// Runs a future that leaves its tasks idle, and gives the bytes that each of them takes.
#[allow(clippy::cast_precision_loss, reason = "a figure to be read")]
fn bytes(spawn_all: impl Future<Output = ()>) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let region = Region::new(COUNTED);
        let mut spawning = std::pin::pin!(spawn_all);
        std::future::poll_fn(|cx| {
            let _ = spawning.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        for _ in 0..TASKS / 50 {
            tokio::task::yield_now().await;
        }
        let change = region.change();
        (change.bytes_allocated - change.bytes_deallocated) as f64 / TASKS as f64
    })
}

/// Raw, launched and held, for a future of so many words.
fn row<const WORDS: usize>() -> [f64; 3] {
    let raw = bytes(async {
        for _ in 0..TASKS {
            drop(tokio::spawn(idle::<WORDS>()));
        }
    });
    let launched = bytes(task_group(
        &FUNCTION,
        Options::new(),
        async {
            for _ in 0..TASKS {
                launch(&SITE, idle::<WORDS>(), Plain);
            }
        },
        |body| shape!(body),
    ));
    let held = bytes(task_group(
        &FUNCTION,
        Options::new(),
        async {
            for _ in 0..TASKS {
                drop(spawn(&SITE, idle::<WORDS>()));
            }
        },
        |body| shape!(body),
    ));
    [raw, launched, held]
}

fn main() {
    println!("| bytes of the future | raw | launched, above raw | held, above raw |");
    println!("|---|---|---|---|");
    let mut above = [0.0; 2];
    let mut rows = 0.0;
    macro_rules! rows {
        ($($words:literal)*) => {$({
            let [raw, launched, held] = row::<$words>();
            let (launched, held) = (launched - raw, held - raw);
            println!("| {} | {raw:.1} | {launched:.1} | {held:.1} |", size_of_val(&idle::<$words>()));
            above = [above[0] + launched, above[1] + held];
            rows += 1.0;
        })*};
    }
    rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    let [launched, held] = above.map(|sum| sum / rows);
    println!("| mean, target ≤ 48 | | {launched:.1} | {held:.1} |");
}
