//! Bytes per idle task, above raw tokio.
//!
//! tokio rounds each task up to whole pairs of cache lines, so what a few bytes cost depends on the size of the future:
//! the figure is the mean over sixteen sizes, one word apart. The handles of the raw tasks are dropped; a program that
//! keeps them needs eight bytes more for each. `cargo bench -p rejoin --bench memory`; with `-- --save` the tables and the
//! plot go into the docs.

#[path = "measured/mod.rs"]
mod measured;
#[path = "scaling/plot.rs"]
mod plot;

use std::alloc::System;
use std::fmt::Write;
use std::future::{Future, pending};
use std::hint::black_box;
use std::task::Poll;

use futures::stream::FuturesUnordered;
use measured::Arguments;
use plot::{Point, Series};
use rejoin::__private::{GroupId, Options, Site, launch, plain, shape, spawn, task_group};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TASKS: usize = 100_000;

static FUNCTION: GroupId = GroupId::new("memory");
static SITE: Site = Site::new("memory::idle");

/// A future that never ends and keeps so many words, beside the state that rustc gives it.
fn idle<const WORDS: usize>() -> impl Future<Output = ()> + Send {
    let words = [0_u64; WORDS];
    async move {
        pending::<()>().await;
        black_box(&words);
    }
}

/// Runs a future that leaves `tasks` tasks idle, and gives the bytes that each of them takes.
#[allow(clippy::cast_precision_loss, reason = "a figure to be read")]
fn bytes(tasks: usize, spawn_all: impl Future<Output = ()>) -> f64 {
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
        for _ in 0..=tasks / 50 {
            tokio::task::yield_now().await;
        }
        let change = region.change();
        (change.bytes_allocated - change.bytes_deallocated) as f64 / tasks as f64
    })
}

fn raw<const WORDS: usize>(tasks: usize) -> f64 {
    bytes(tasks, async move {
        for _ in 0..tasks {
            drop(tokio::spawn(idle::<WORDS>()));
        }
    })
}

/// In a group.
fn grouped(tasks: usize, spawn: impl Fn() + Send + 'static) -> f64 {
    let body = async move {
        for _ in 0..tasks {
            spawn();
        }
    };
    let group = task_group(
        &FUNCTION,
        Options::new(),
        body,
        |body| shape!(body),
        |_, error| Err(error),
    );
    bytes(tasks, group)
}

fn launched<const WORDS: usize>(tasks: usize) -> f64 {
    grouped(tasks, || launch(&SITE, plain(), idle::<WORDS>()))
}

fn held<const WORDS: usize>(tasks: usize) -> f64 {
    grouped(tasks, || drop(spawn(&SITE, idle::<WORDS>())))
}

fn join_set<const WORDS: usize>(tasks: usize) -> f64 {
    bytes(tasks, async move {
        let mut set = JoinSet::new();
        for _ in 0..tasks {
            set.spawn(idle::<WORDS>());
        }
        set.join_next().await;
    })
}

fn tracker<const WORDS: usize>(tasks: usize) -> f64 {
    bytes(tasks, async move {
        let tracker = TaskTracker::new();
        for _ in 0..tasks {
            tracker.spawn(idle::<WORDS>());
        }
        tracker.wait().await;
    })
}

fn unordered<const WORDS: usize>(tasks: usize) -> f64 {
    bytes(tasks, async move {
        let handles: FuturesUnordered<_> =
            (0..tasks).map(|_| tokio::spawn(idle::<WORDS>())).collect();
        pending::<()>().await;
        drop(handles);
    })
}

/// For a future of so many words, above raw.
fn by_size(arguments: &Arguments) {
    let mut table = String::from(
        "| bytes of the future | raw | launched, above raw | held, above raw |\n|---|---|---|---|\n",
    );
    let mut above = [0.0; 2];
    let mut rows = 0.0;
    macro_rules! rows {
        ($($words:literal)*) => {$({
            let raw = raw::<$words>(TASKS);
            let (launched, held) = (launched::<$words>(TASKS) - raw, held::<$words>(TASKS) - raw);
            let size = size_of_val(&idle::<$words>());
            let _ = writeln!(table, "| {size} | {raw:.1} | {launched:.1} | {held:.1} |");
            above = [above[0] + launched, above[1] + held];
            rows += 1.0;
        })*};
    }
    rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    let [launched, held] = above.map(|sum| sum / rows);
    let _ = writeln!(table, "| mean, target ≤ 48 | | {launched:.1} | {held:.1} |");
    println!("{table}");
    arguments.save("sizes.md", &table);
}

/// One way of keeping tasks, and the bytes of each.
type Contender = (&'static str, fn(usize) -> f64);

/// For a future of eight words, against the number of tasks.
fn by_number(arguments: &Arguments) {
    const CONTENDERS: [Contender; 6] = [
        ("rejoin, launched", launched::<7>),
        ("rejoin, held", held::<7>),
        ("tokio::spawn, handle dropped", raw::<7>),
        ("JoinSet", join_set::<7>),
        ("TaskTracker", tracker::<7>),
        ("FuturesUnordered of handles", unordered::<7>),
    ];
    let series: Vec<Series> = CONTENDERS
        .iter()
        .map(|(name, measure)| {
            let mut series = Series::new(name);
            for number in [100, 1_000, 10_000, 100_000, 1_000_000] {
                series.add(Point::of(number, vec![measure(number)]));
            }
            series
        })
        .collect();
    let title = "Memory of idle tasks";
    plot::show(arguments, "memory", title, "bytes per task", &series);
}

fn main() {
    let arguments = Arguments::get();
    if arguments.pick("size") {
        by_size(&arguments);
    }
    if arguments.pick("number") {
        by_number(&arguments);
    }
}
