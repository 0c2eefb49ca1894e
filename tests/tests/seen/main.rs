//! R1–R3: every form in which a spawn is ordinarily written is seen, and a false friend of the same form is left alone.
//!
//! A task that is seen has ended when its group returns. A false friend only keeps what it is given, as a [`Kept`], which no
//! rewritten call would return.

#![allow(clippy::unused_self, reason = "friends have the form of spawns")]

mod sim;

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rejoin::{guarded, task_group};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::{spawn, task};
use tokio_util::task::TaskTracker;

/// Whether a task has come to its end.
#[derive(Clone, Default)]
struct End(Arc<AtomicBool>);

impl End {
    fn has_come(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Ends when the scheduler has come round several times.
    fn later(&self) -> impl Future<Output = ()> + Send + 'static {
        let end = self.clone();
        async move {
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            end.0.store(true, Ordering::SeqCst);
        }
    }

    /// Ends when the group has dropped its arguments, as it does before it waits.
    fn after(&self, argument: oneshot::Receiver<()>) -> impl FnOnce() + Send + 'static {
        let end = self.clone();
        move || {
            assert!(argument.blocking_recv().is_err());
            end.0.store(true, Ordering::SeqCst);
        }
    }
}

/// Runs a group whose task ends after the body.
#[track_caller]
fn owned<F: Future<Output = ()>>(group: impl FnOnce(End) -> F) {
    let end = End::default();
    run(group(end.clone()));
    assert!(end.has_come(), "the group has not waited");
}

/// Runs a group whose thread ends after the body.
#[track_caller]
fn owned_thread<F: Future<Output = ()>>(
    group: impl FnOnce(End, oneshot::Sender<()>, oneshot::Receiver<()>) -> F,
) {
    let (argument, dropped) = oneshot::channel();
    owned(|end| group(end, argument, dropped));
}

/// Runs a group in which nothing is spawned.
#[track_caller]
fn untouched<F: Future<Output = ()>>(group: impl FnOnce(End) -> F) {
    let end = End::default();
    run(group(end.clone()));
    assert!(!end.has_come(), "a false friend was taken for a spawn");
}

fn run(future: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.build().unwrap().block_on(future);
}

/// A future or a closure that nobody runs.
#[must_use]
struct Kept<F>(F);

// `use tokio::spawn;`

#[task_group]
async fn imported(end: End) {
    spawn(end.later());
}

#[test]
fn an_imported_spawn_is_seen() {
    owned(imported);
}

mod imported_friend {
    use super::sim::spawn;
    use super::{End, Kept, task_group};

    #[task_group]
    pub(super) async fn imported(end: End) {
        let Kept(_) = spawn(end.later());
    }
}

#[test]
fn an_imported_spawn_of_another_module_is_not() {
    untouched(imported_friend::imported);
}

// `use tokio::task;`

#[task_group]
async fn by_task(end: End) {
    task::spawn(end.later());
}

#[task_group]
async fn by_task_blocking(
    end: End,
    _argument: oneshot::Sender<()>,
    dropped: oneshot::Receiver<()>,
) {
    task::spawn_blocking(end.after(dropped));
}

#[test]
fn a_spawn_of_an_imported_module_is_seen() {
    owned(by_task);
    owned_thread(by_task_blocking);
}

mod by_task_friend {
    use super::sim::task;
    use super::{End, Kept, task_group};

    #[task_group]
    pub(super) async fn by_task(end: End) {
        let Kept(_) = task::spawn(end.later());
    }
}

#[test]
fn a_spawn_of_another_module_of_the_same_name_is_not() {
    untouched(by_task_friend::by_task);
}

// `use std::thread;`

#[task_group]
async fn by_thread(end: End, _argument: oneshot::Sender<()>, dropped: oneshot::Receiver<()>) {
    thread::spawn(end.after(dropped));
}

#[test]
fn a_thread_of_the_imported_module_is_seen() {
    owned_thread(by_thread);
}

mod by_thread_friend {
    use super::sim::thread;
    use super::{End, Kept, task_group};

    #[task_group]
    pub(super) async fn by_thread(end: End) {
        let Kept(_) = thread::spawn(end.later());
    }
}

#[test]
fn a_thread_of_another_module_of_the_same_name_is_not() {
    untouched(by_thread_friend::by_thread);
}

// `use tokio::runtime::Handle;`

#[task_group]
async fn by_current(end: End) {
    Handle::current().spawn(end.later());
}

#[task_group]
async fn by_local(end: End) {
    let handle = Handle::current();
    handle.spawn(end.later());
}

#[task_group]
async fn by_local_blocking(
    end: End,
    _argument: oneshot::Sender<()>,
    dropped: oneshot::Receiver<()>,
) {
    let handle = Handle::current();
    handle.spawn_blocking(end.after(dropped));
}

#[task_group]
async fn by_fallible(end: End) {
    if let Ok(handle) = Handle::try_current() {
        handle.spawn(end.later());
    }
}

#[task_group]
async fn by_parameter(handle: &Handle, end: End) {
    handle.spawn(end.later());
}

#[test]
fn spawns_by_a_handle_are_seen() {
    owned(by_current);
    owned(by_local);
    owned(by_fallible);
    owned_thread(by_local_blocking);
    owned(|end| async move { by_parameter(&Handle::current(), end).await });
}

mod by_handle_friend {
    use super::sim::Handle;
    use super::{End, Kept, task_group};

    #[task_group]
    pub(super) async fn by_current(end: End) {
        let Kept(_) = Handle::current().spawn(end.later());
    }

    #[task_group]
    pub(super) async fn by_local(end: End) {
        let handle = Handle::current();
        let Kept(_) = handle.spawn(end.later());
        let Kept(_) = handle.spawn_blocking(end.later());
    }

    #[task_group]
    pub(super) async fn by_parameter(handle: &Handle, end: End) {
        let Kept(_) = handle.spawn(end.later());
    }
}

#[test]
fn spawns_by_another_type_of_the_same_name_are_not() {
    untouched(by_handle_friend::by_current);
    untouched(by_handle_friend::by_local);
    untouched(
        |end| async move { by_handle_friend::by_parameter(&sim::Handle::current(), end).await },
    );
}

// A field whose type the macro does not see.

struct Service<H> {
    rt: H,
}

impl Service<Handle> {
    #[task_group]
    async fn by_field(&self, end: End) {
        self.rt.spawn(end.later());
    }
}

impl Service<Arc<Runtime>> {
    #[task_group]
    async fn by_runtime(&self, end: End) {
        self.rt.spawn(end.later());
    }
}

impl Service<sim::Handle> {
    #[task_group]
    async fn by_friend(&self, end: End) {
        let Kept(_) = self.rt.spawn(end.later());
    }
}

#[test]
fn a_spawn_by_a_field_is_seen_by_its_type() {
    owned(|end| async move {
        let rt = Handle::current();
        Service { rt }.by_field(end).await;
    });
    let rt = Arc::new(Runtime::new().unwrap());
    let other = Arc::clone(&rt);
    owned(|end| async move { Service { rt: other }.by_runtime(end).await });
    untouched(|end| async move { Service { rt: sim::Handle }.by_friend(end).await });
}

// Sets and trackers.

#[task_group]
async fn by_set(end: End, _argument: oneshot::Sender<()>, dropped: oneshot::Receiver<()>) {
    let (started, start) = oneshot::channel();
    let work = end.after(dropped);
    let mut set = JoinSet::new();
    set.spawn_blocking(move || {
        started.send(()).unwrap();
        work();
    });
    // A set that is dropped takes back what has not started.
    start.await.unwrap();
}

#[task_group]
async fn by_tracker(end: End, _argument: oneshot::Sender<()>, dropped: oneshot::Receiver<()>) {
    let set = TaskTracker::new();
    set.spawn_blocking(end.after(dropped));
}

#[test]
fn blocking_tasks_of_a_set_and_a_tracker_are_seen() {
    owned_thread(by_set);
    owned_thread(by_tracker);
}

/// Keeps a borrow of what it is given: its call must stay as it is written.
struct Pool;

impl Pool {
    fn spawn_blocking<'a>(&self, text: &'a str) -> Kept<&'a str> {
        Kept(text)
    }
}

#[task_group]
async fn by_pool(_end: End) {
    let set = Pool;
    let length = set.spawn_blocking(&String::from("job")).0.len();
    assert_eq!(length, 3);
}

#[test]
fn a_blocking_task_of_another_type_is_not() {
    untouched(by_pool);
}

// `use super::*;`

mod tests {
    use super::*;

    #[task_group]
    pub(super) async fn through_the_parent(end: End) {
        spawn(end.later());
        mem::drop(task::spawn(end.later()));
    }
}

mod tests_friend {
    #[allow(clippy::wildcard_imports, reason = "the name of a glob")]
    use super::sim::*;
    use super::{End, Kept, task_group};

    #[task_group]
    pub(super) async fn through_a_glob(end: End) {
        let Kept(_) = spawn(end.later());
        let Kept(_) = task::spawn(end.later());
    }

    #[task_group]
    pub(super) async fn through_a_module(end: End) {
        let Kept(_) = tokio::spawn(end.later());
    }
}

#[test]
fn a_glob_of_the_parent_is_seen_and_one_of_another_module_is_not() {
    owned(tests::through_the_parent);
    untouched(tests_friend::through_a_glob);
    untouched(tests_friend::through_a_module);
}

// A simulator.

mod simulated {
    use super::sim::tokio;
    use super::{End, Kept, task_group};

    #[task_group]
    pub(super) async fn by_import(end: End) {
        let Kept(_) = tokio::spawn(end.later());
    }

    #[task_group]
    pub(super) async fn by_crate(end: End) {
        ::tokio::spawn(end.later());
    }
}

#[test]
fn a_crate_of_the_same_name_is_another_unless_it_is_absolute() {
    untouched(simulated::by_import);
    owned(simulated::by_crate);
}

// Names of the function, of its blocks, of an annotated module and of a chain of imports.

mod chain {
    mod inner {
        pub(crate) use tokio::task as jobs;
    }

    pub(crate) use inner::jobs::{self, spawn as start};
}

#[task_group]
async fn through_a_chain(end: End) {
    use chain::start;
    start(end.later());
}

#[task_group]
async fn shadowed_by_a_local(end: End) {
    let spawn = sim::spawn;
    let Kept(_) = spawn(end.later());
}

#[task_group]
async fn shadowed_by_a_parameter(end: End, spawn: fn(End) -> Kept<End>) {
    let Kept(_) = spawn(end);
}

#[task_group]
async fn shadowed_by_an_item(end: End) {
    fn spawn<F>(f: F) -> Kept<F> {
        Kept(f)
    }
    let Kept(_) = spawn(end.later());
}

#[guarded]
mod annotated {
    use super::chain::jobs;
    use super::{End, sim};

    pub(super) async fn seen(end: End) {
        jobs::spawn(end.later());
    }

    pub(super) async fn friend(end: End) {
        use sim::task as jobs;
        drop(jobs::spawn(end.later()).0);
    }
}

#[task_group]
async fn through_a_module(end: End) {
    annotated::seen(end).await;
}

#[test]
fn names_are_what_rustc_takes_them_for() {
    owned(through_a_chain);
    untouched(shadowed_by_a_local);
    untouched(|end| shadowed_by_a_parameter(end, sim::spawn));
    untouched(shadowed_by_an_item);
    owned(through_a_module);
    untouched(annotated::friend);
}

#[test]
fn an_item_in_a_body_sees_the_names_of_the_body() {
    use tokio::task::spawn as start;

    #[task_group]
    async fn inside(end: End) {
        start(end.later());
    }

    owned(inside);
    {
        use sim::spawn as start;

        #[task_group]
        async fn inside(end: End) {
            let Kept(_) = start(end.later());
        }

        untouched(inside);
    }
}

// In the input of a macro.

#[task_group]
async fn in_a_macro(end: End) {
    use tokio::select;
    select! {
        () = async {} => drop(spawn(end.later())),
    }
}

#[test]
fn a_spawn_in_an_imported_macro_is_seen() {
    owned(in_a_macro);
}
