//! Tasks from two hundred places, as the root of a service has them: each has its name, and none costs more than one from the
//! first place. Alone in its process: it counts allocations, and looks at the whole tree.
#![allow(unsafe_code, reason = "an allocator that counts")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{GroupId, Options, Site, group};
use rejoin::__private::{launch, plain, spawn};
use rejoin::root;
use tokio::task::{JoinHandle, yield_now};

/// Counts allocations.
struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is the system allocator's; the counting touches no memory of the caller's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::SeqCst);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static FUNCTION: GroupId = GroupId::new("many_sites");

const PLACES: usize = 200;
const ROUNDS: usize = 10;

/// As many spawns as the source of a service has, each with a name of its own.
fn sites() -> Vec<&'static Site> {
    let site = |at: usize| -> &'static Site {
        let name: &'static str = Box::leak(format!("place {at:03}").into_boxed_str());
        Box::leak(Box::new(Site::new(name)))
    };
    (0..PLACES).map(site).collect()
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

#[test]
fn tasks_from_two_hundred_places() {
    let sites = sites();
    run(names_are_right(&sites));
    run(no_spawn_allocates_more_than_tokio(&sites));
}

/// In the root, in a group and in a task of the root, several of each place.
async fn names_are_right(sites: &[&'static Site]) {
    let names: BTreeSet<_> = sites.iter().map(|site| site.name()).collect();
    assert_eq!(names.len(), PLACES);

    let spawn_all = |sites: &[&'static Site]| -> Vec<JoinHandle<()>> {
        let round = || sites.iter().map(|site| spawn(site, pending::<()>()));
        round().chain(round()).collect()
    };
    let mut all = spawn_all(sites);
    look(&names, "", 2);

    let own = sites.to_vec();
    let task = rejoin::spawn(async move { spawn_all(&own) });
    all.extend(task.await.unwrap());
    look(&names, "", 4);

    let (own, expected) = (sites.to_vec(), names.clone());
    let grouped = group!(FUNCTION, Options::new(), async move {
        for site in &own {
            launch(site, plain(), yield_now());
        }
        let grouped = spawn_all(&own);
        // Nothing has run yet.
        look(&expected, "many_sites/", 3);
        grouped.iter().for_each(JoinHandle::abort);
    });
    grouped.await;

    all.iter().for_each(JoinHandle::abort);
    assert!(root().idle(Duration::from_secs(60)).await.is_empty());
    for task in all {
        assert!(task.await.unwrap_err().is_cancelled());
    }
}

/// So many tasks of each place are alive below this path, and the tree has them.
#[track_caller]
fn look(names: &BTreeSet<&str>, path: &str, times: usize) {
    let live = root().live();
    let of_path = |task: &&rejoin::LiveTask| task.path() == format!("{path}{}", task.name());
    for name in names {
        let tasks = live.iter().filter(of_path);
        let count = tasks.filter(|task| task.name() == *name).count();
        assert_eq!(count, times, "{path}{name}");
    }
    let tree = rejoin::tree().to_string();
    let missing = names.iter().find(|name| !tree.contains(**name));
    assert_eq!(missing, None, "in {tree}");
}

/// Once each place has spawned a task, another costs what a raw one does: one allocation, and what a list grows by.
async fn no_spawn_allocates_more_than_tokio(sites: &[&'static Site]) {
    let round = || sites.iter().map(|site| spawn(site, yield_now()));
    let mut handles = Vec::with_capacity(PLACES);
    let mut most = 0;
    for turn in 0..ROUNDS {
        let before = COUNT.load(Ordering::SeqCst);
        handles.extend(round());
        let count = COUNT.load(Ordering::SeqCst) - before;
        if turn > 0 {
            most = most.max(count);
        }
        for handle in handles.drain(..) {
            handle.await.unwrap();
        }
    }
    let slack = 10;
    assert!(
        (PLACES..PLACES + slack).contains(&most),
        "{most} allocations for {PLACES} tasks"
    );
}
