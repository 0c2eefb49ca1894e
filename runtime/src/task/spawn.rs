//! Spawning: into the scope around the caller, with the types that tokio and std have.

use crate::sync::Arc;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

use crate::ambient::{self, Current, Role};
use crate::limit;
use crate::live::TaskKind;
use crate::scope::{Handle, Scope};
use crate::site::{Place, Site};
use crate::slot::Route;
use crate::task::member::Member;
use crate::task::tracked::{Discarded, Held, Outcome, Tracked, discard};

/// Whether a value is boxed where it comes in, before it is passed on: the frames behind would each have a copy of it, and a
/// thread's stack is small. From the same sizes on as in tokio, which boxes it in its first frame.
pub(crate) const fn is_large<F>() -> bool {
    const DEBUG: usize = 2 * 1024;
    const RELEASE: usize = 16 * 1024;
    size_of::<F>()
        > if cfg!(debug_assertions) {
            DEBUG
        } else {
            RELEASE
        }
}

/// Where a task is spawned to. The scope around the caller is looked at where it is, which costs no reference count.
pub(crate) trait Owner {
    fn with<R>(&self, f: impl FnOnce(Current<'_>) -> R) -> R;
}

/// Into the scope around the caller.
pub(crate) struct Here;

impl Owner for Here {
    fn with<R>(&self, f: impl FnOnce(Current<'_>) -> R) -> R {
        ambient::with_current(f)
    }
}

impl Owner for Current<'_> {
    fn with<R>(&self, f: impl FnOnce(Current<'_>) -> R) -> R {
        f(*self)
    }
}

/// Counts a new task in its scope and, where the body of a limited group spawns, takes its place there.
///
/// `None` when the scope is cancelled: what is spawned there is never polled.
fn admit(owner: &impl Owner, site: &'static Site) -> Option<Member> {
    owner.with(|owner| {
        let scope = owner.scope();
        if scope.is_cancelled() {
            report_refused(scope, site);
            return None;
        }
        let place = match owner.role() {
            Role::Body => scope.limit().map(crate::limit::Limit::place),
            Role::Task(_) => None,
        };
        Some(Member::of(owner, site, place))
    })
}

/// Says that a task has not been started, once for each place: what a destructor spawns to clean up must not vanish without
/// a word. When the root itself was aborted, nothing can be done about it any more.
#[cold]
pub(crate) fn report_refused(scope: &Scope, site: &'static Site) {
    static TOLD: Mutex<BTreeSet<Place>> = Mutex::new(BTreeSet::new());
    if Scope::root().is_aborted() {
        return;
    }
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let first = told.insert(site.place());
    drop(told);
    if first {
        crate::report::refused(&scope.path_of(site), site.location(), &scope.path());
    }
}

/// Keeps what it takes to abort and to name a task that was just spawned.
fn register(owner: &impl Owner, handle: impl Into<Handle>, site: &'static Site, kind: TaskKind) {
    owner.with(|owner| owner.scope().register(handle, site, kind, ambient::now()));
}

/// A handle of a task that was cancelled before it began.
#[track_caller]
pub(crate) fn cancelled<T: Send + 'static>() -> JoinHandle<T> {
    // Aborting the user's own future instead would race with its first poll.
    let handle = tokio::spawn(std::future::pending());
    handle.abort();
    handle
}

#[track_caller]
pub(crate) fn cancelled_local<T: 'static>() -> JoinHandle<T> {
    let handle = tokio::task::spawn_local(std::future::pending());
    handle.abort();
    handle
}

#[track_caller]
pub(crate) fn spawn_in<F, O>(
    owner: impl Owner,
    site: &'static Site,
    future: F,
    outcome: O,
) -> JoinHandle<O::Output>
where
    F: Future + Send + 'static,
    O: Outcome<F::Output> + Send + 'static,
    O::Output: Send + 'static,
{
    let Some(member) = admit(&owner, site) else {
        discard(future);
        return cancelled();
    };
    spawn_member(&owner, site, member, future, outcome)
}

/// Spawns a future that is counted already.
#[track_caller]
fn spawn_member<F, O>(
    owner: &impl Owner,
    site: &'static Site,
    member: Member,
    future: F,
    outcome: O,
) -> JoinHandle<O::Output>
where
    F: Future + Send + 'static,
    O: Outcome<F::Output> + Send + 'static,
    O::Output: Send + 'static,
{
    let handle = tokio::spawn(Tracked::new(future, outcome, member));
    register(owner, handle.abort_handle(), site, TaskKind::Task);
    handle
}

/// Spawns a future whose handle nobody has but the scope.
#[track_caller]
pub(crate) fn launch_in<F, R>(
    owner: impl Owner,
    site: &'static Site,
    route: Discarded<R>,
    future: F,
) where
    F: Future + Send + 'static,
    R: Route<F::Output>,
{
    match admit(&owner, site) {
        None => discard(future),
        Some(member) => {
            let handle = tokio::spawn(Tracked::new(future, route, member));
            register(&owner, handle, site, TaskKind::Task);
        }
    }
}

/// Spawns a future that has its place.
#[track_caller]
pub(crate) fn spawn_placed<F, O>(
    owner: Current<'_>,
    site: &'static Site,
    place: Option<limit::Place>,
    future: F,
    outcome: O,
) -> JoinHandle<O::Output>
where
    F: Future + Send + 'static,
    O: Outcome<F::Output> + Send + 'static,
    O::Output: Send + 'static,
{
    let member = Member::of(owner, site, place);
    spawn_member(&owner, site, member, future, outcome)
}

#[track_caller]
pub(crate) fn spawn_local_in<F, O>(
    owner: impl Owner,
    site: &'static Site,
    future: F,
    outcome: O,
) -> JoinHandle<O::Output>
where
    F: Future + 'static,
    O: Outcome<F::Output> + 'static,
    O::Output: 'static,
{
    let Some(member) = admit(&owner, site) else {
        discard(future);
        return cancelled_local();
    };
    let handle = tokio::task::spawn_local(Tracked::new(future, outcome, member));
    register(&owner, handle.abort_handle(), site, TaskKind::Task);
    handle
}

/// Runs a closure as a task: on tokio's blocking pool or on a thread of its own.
///
/// `f` is named first, because a closure drops what it has captured in that order: where it never runs, the scope's count
/// falls when all else is gone.
pub(crate) fn run_closure<T, O: Outcome<T>>(
    f: impl FnOnce() -> T,
    mut member: Member,
    outcome: O,
) -> O::Output {
    member.block_for_place();
    let result = member.run(|| {
        ambient::let_clock_run();
        f()
    });
    // A closure is no poll: it may have seen the cancellation at any time, so what comes after it counts as its consequence.
    let concurrent = !member.is_cancelled();
    match result {
        Ok(output) => outcome.ended(&mut member, output, concurrent),
        Err(panic) => match outcome.panicked(&member, panic, concurrent) {
            Ok(output) => output,
            Err(panic) => {
                drop(member);
                panic.resume()
            }
        },
    }
}

#[track_caller]
pub(crate) fn spawn_blocking_in<C, T, O>(
    owner: impl Owner,
    site: &'static Site,
    f: C,
    outcome: O,
) -> JoinHandle<O::Output>
where
    C: FnOnce() -> T + Send + 'static,
    O: Outcome<T> + Send + 'static,
    O::Output: Send + 'static,
{
    let Some(member) = admit(&owner, site) else {
        discard(f);
        return cancelled();
    };
    let handle = tokio::task::spawn_blocking(move || run_closure(f, member, outcome));
    register(&owner, handle.abort_handle(), site, TaskKind::Blocking);
    handle
}

#[track_caller]
pub(crate) fn spawn_thread_in<C, T, O>(
    site: &'static Site,
    f: C,
    outcome: O,
) -> std::thread::JoinHandle<O::Output>
where
    C: FnOnce() -> T + Send + 'static,
    O: Outcome<T> + Send + 'static,
    O::Output: Send + 'static,
{
    // A thread's handle cannot say "cancelled", so threads run even in a cancelled scope; they take no place.
    let running = Arc::new(());
    let member = ambient::with_current(|current| {
        let member = Member::of(current, site, None);
        current.scope().register_thread(&running, site);
        member
    });
    std::thread::spawn(move || {
        let output = run_closure(f, member, outcome);
        drop(running);
        output
    })
}

/// Spawns a future into the scope around the caller, as [`tokio::spawn`] does into the runtime.
///
/// The handle is tokio's own. The task belongs to the innermost open group of the caller, else to the
/// [root](crate::root): it is waited for, cancelled and named by it. Its outcome goes to the handle alone; a panic is in
/// addition reported at once. In a scope that is cancelled the future is dropped without being polled, which is reported once
/// for each place ([`shield`](crate::shield) is for what has to run all the same), and the handle
/// reports a cancelled task.
///
/// # Panics
///
/// Outside a tokio runtime, at the caller's line.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let answer = rejoin::spawn(async { 6 * 7 });
/// assert_eq!(answer.await.unwrap(), 42);
/// # }
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let site = Site::here();
    if is_large::<F>() {
        return spawn_in(Here, site, Box::pin(future), Held);
    }
    spawn_in(Here, site, future, Held)
}

/// Spawns a future that is not `Send` into the scope around the caller, as [`tokio::task::spawn_local`] does.
///
/// # Panics
///
/// Outside a `LocalSet`, as tokio's does.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let local = tokio::task::LocalSet::new();
/// let answer = local.run_until(async {
///     let answer = std::rc::Rc::new(42);
///     rejoin::spawn_local(async move { *answer }).await.unwrap()
/// });
/// assert_eq!(answer.await, 42);
/// # }
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let site = Site::here();
    if is_large::<F>() {
        return spawn_local_in(Here, site, Box::pin(future), Held);
    }
    spawn_local_in(Here, site, future, Held)
}

/// Runs a blocking closure on tokio's blocking pool, as a task of the scope around the caller.
///
/// Once it runs it cannot be aborted: a group waits for it, and names it when it takes long. A loop in it can look at
/// [`is_cancelled`](crate::is_cancelled). What it spawns, also through a `block_on`, belongs to the same scope.
///
/// In a group with a limit a closure that has no place yet waits for it on its thread of the pool, so a pool smaller
/// than the closures that wait can be used up by them.
///
/// # Panics
///
/// Outside a tokio runtime, at the caller's line.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let sum = rejoin::spawn_blocking(|| (1..=10).sum::<u32>());
/// assert_eq!(sum.await.unwrap(), 55);
/// # }
/// ```
#[track_caller]
pub fn spawn_blocking<C, T>(f: C) -> JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let site = Site::here();
    if is_large::<C>() {
        return spawn_blocking_in(Here, site, Box::new(f), Held);
    }
    spawn_blocking_in(Here, site, f, Held)
}
