//! Scopes: who owns a task, who waits for it, who cancels it.
//!
//! Scopes form a tree under the root. Invariants:
//!
//! 1. `count` has a unit for each task of the scope that has not ended, for each scope open directly inside it, and for
//!    its owner until the owner lets go (the frame of the group has joined, or was dropped). The root's owner never does.
//! 2. A task is counted before it is handed to tokio and until its future is dropped: see `Member`.
//! 3. With its last unit the scope has ended: it leaves its parent's list and gives back its unit there, which may end
//!    the parent, and so on upward. So a scope dropped with live tasks is counted by every ancestor until they have
//!    ended, and nobody has to hand anything over.
//! 4. How the last unit and the owner that waits for it meet is argued in `count`.
//! 5. `state` only rises (open, cancelled, aborted), and only under the lock. A task is registered under the lock, and
//!    looks at `state` while it holds it: either the abort sees the task, or the task sees the abort.
//! 6. No lock is held while a user's code may run: wakers, tokens and abort handles are taken out first.

mod cancel;
mod count;
mod fail;
pub(crate) mod failure;
mod look;
mod registry;
mod snapshot;
mod state;
mod tasks;

use crate::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use crate::sync::{Arc, Global, Mutex, MutexGuard, PoisonError};
use std::task::{Context as Cx, Poll};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::cause::CancelCause;
use crate::limit::Limit;
use crate::metrics::Stopwatch;
use crate::options::{OnFailure, Options};
use crate::policy::PanicPolicy;
use crate::request::Request;
use crate::site::{GroupId, Site};
use count::{Count, Left};
pub(crate) use fail::Failures;
use fail::Unjoined;
use failure::Failure;
pub(crate) use registry::Handle;
use registry::Registry;
pub(crate) use snapshot::{SeenScope, SeenTask};
pub use state::State;

const OPEN: u8 = 0;
const CANCELLED: u8 = 1;
const ABORTED: u8 = 2;

/// In this order: first what each spawn and each end of a task writes, last what each poll reads, so that the one does
/// not take the other's cache line away.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Scope {
    count: Count,
    inner: Mutex<Inner>,
    /// How many tasks were spawned; kept only where failures are put in that order.
    spawned: AtomicU32,
    /// The task that opened it.
    owner: Option<&'static Site>,
    grace: Duration,
    warn_after: Duration,
    deadline: Option<tokio::time::Instant>,
    opened: Instant,
    /// The function whose discarded spawns fail it with their errors.
    takes: Option<&'static GroupId>,
    site: &'static Site,
    parent: Option<Arc<Scope>>,
    limit: Option<Limit>,
    policy: Option<Box<PanicPolicy>>,
    request: Request,
    shielded: bool,
    on_failure: OnFailure,
    /// How many handles the registry keeps at most, for a look without the lock: see `publish`.
    kept: AtomicUsize,
    state: AtomicU8,
    /// Whether a task was let go that is still here.
    let_go: AtomicBool,
    /// Whether the owner waits for nothing but tasks.
    waits: AtomicBool,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    /// Its place in the parent's list, and whether that parent is the root instead of `parent`.
    place: usize,
    adopted: bool,
    /// Since when the watchdog has seen the owner wait.
    waiting: Option<Instant>,
    warned: u32,
    token: Option<CancellationToken>,
    cause: Option<CancelCause>,
    cancelled: Stopwatch,
    /// The panic that has cancelled it, where the process must not go on without it for long.
    unjoined: Option<Box<Unjoined>>,
    /// The owner looks at no more failures: those that come now are reported.
    closed: bool,
    best: Option<Failure>,
    collected: Vec<Failure>,
}

/// What a scope is opened with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) site: &'static Site,
    /// The task that opens it.
    pub(crate) owner: Option<&'static Site>,
    pub(crate) options: &'a Options,
    /// Whether its parent waits for it but does not cancel it; then it has no deadline.
    pub(crate) shielded: bool,
}

impl Scope {
    fn new(opening: &Opening<'_>, parent: Option<Arc<Scope>>) -> Self {
        let &Opening {
            site,
            owner,
            options,
            shielded,
        } = opening;
        let inherited = parent.as_ref().and_then(|parent| parent.deadline);
        // One beyond what the clock can tell never comes.
        let own = options
            .deadline
            .and_then(|after| tokio::time::Instant::now().checked_add(after));
        let opened = Instant::now();
        Self {
            site,
            owner,
            parent,
            shielded,
            on_failure: options.on_failure,
            takes: options.takes,
            deadline: match (inherited, own) {
                _ if shielded => None,
                (Some(outer), Some(own)) => Some(outer.min(own)),
                (outer, own) => outer.or(own),
            },
            opened,
            grace: options.grace,
            // Zero doubled is zero.
            warn_after: options.warn_after.max(Duration::from_millis(1)),
            limit: options.limit.map(Limit::new),
            policy: options.policy.clone(),
            request: Request::none(),
            count: Count::new(),
            state: AtomicU8::new(OPEN),
            let_go: AtomicBool::new(false),
            waits: AtomicBool::new(false),
            spawned: AtomicU32::new(0),
            kept: AtomicUsize::new(0),
            inner: Mutex::new(Inner {
                registry: Registry::new(opened),
                place: 0,
                adopted: false,
                waiting: None,
                warned: 0,
                token: None,
                cause: None,
                cancelled: Stopwatch::new(),
                unjoined: None,
                closed: false,
                best: None,
                collected: Vec::new(),
            }),
        }
    }

    /// The scope around everything: it never fails and never ends.
    pub(crate) fn root() -> &'static Arc<Scope> {
        static ROOT: Global<Arc<Scope>> = Global::new();
        static SITE: Site = Site::new("root");
        ROOT.get_or_init(|| {
            let root = Opening {
                site: &SITE,
                owner: None,
                options: &Options::isolating(),
                shielded: false,
            };
            Arc::new(Scope::new(&root, None))
        })
    }

    /// Opens a scope inside another one. Inside a cancelled scope it is cancelled from the start, unless it is shielded.
    pub(crate) fn open(parent: Arc<Scope>, opening: &Opening<'_>) -> Arc<Scope> {
        parent.count.add();
        let mut scope = Scope::new(opening, Some(Arc::clone(&parent)));
        scope.request = Request::current();
        let mut inner = parent.lock();
        let place = inner.registry.add_child();
        scope
            .inner
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .place = place;
        let scope = Arc::new(scope);
        inner.registry.set_child(place, Arc::downgrade(&scope));
        let state = parent.state.load(Ordering::Relaxed);
        let cause = inner.cause.clone();
        drop(inner);
        if state != OPEN && (!opening.shielded || Self::is_lost()) {
            scope.cancel(&cause.unwrap_or(CancelCause::Requested));
        }
        scope
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) const fn site(&self) -> &'static Site {
        self.site
    }

    pub(crate) const fn parent(&self) -> Option<&Arc<Scope>> {
        self.parent.as_ref()
    }

    pub(crate) const fn opened(&self) -> Instant {
        self.opened
    }

    pub(crate) const fn takes(&self) -> Option<&'static GroupId> {
        self.takes
    }

    pub(crate) const fn deadline(&self) -> Option<tokio::time::Instant> {
        self.deadline
    }

    /// Whether its deadline is its own, and not an earlier one of a scope around it.
    pub(crate) fn has_own_deadline(&self) -> bool {
        let around = self.parent.as_ref().and_then(|parent| parent.deadline);
        self.deadline != around
    }

    pub(crate) const fn grace(&self) -> Duration {
        self.grace
    }

    pub(crate) const fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    /// Its own, beside that of the process.
    pub(crate) fn policy(&self) -> Option<&PanicPolicy> {
        self.policy.as_deref()
    }

    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state.load(Ordering::Acquire) != OPEN
    }

    #[inline]
    pub(crate) fn is_aborted(&self) -> bool {
        self.state.load(Ordering::Acquire) == ABORTED
    }

    /// Whether even a shield does not hold here: the root has been aborted.
    fn is_lost() -> bool {
        Self::root().is_aborted()
    }

    pub(crate) fn cause(&self) -> Option<CancelCause> {
        self.lock().cause.clone()
    }

    /// A token that is cancelled with the scope; made when somebody first asks.
    pub(crate) fn token(&self) -> CancellationToken {
        let mut inner = self.lock();
        let token = inner
            .token
            .get_or_insert_with(CancellationToken::new)
            .clone();
        let cancelled = self.is_cancelled();
        drop(inner);
        if cancelled {
            token.cancel();
        }
        token
    }
}

/// Counting.
impl Scope {
    /// Counts one more task.
    #[inline]
    pub(crate) fn count(&self) {
        self.count.add();
    }

    /// The number of the task that is being spawned, from 1; 0 where nobody asks for it.
    #[inline]
    pub(crate) fn next_index(&self) -> u32 {
        match self.on_failure {
            OnFailure::Collect => self
                .spawned
                .fetch_add(1, Ordering::Relaxed)
                .saturating_add(1),
            OnFailure::Cancel | OnFailure::Isolate => 0,
        }
    }

    /// Gives back the unit of a task, of a child scope or of the owner; a scope that ends with it gives back its own.
    #[inline]
    pub(crate) fn release(&self) {
        let Some(mut scope) = self.give_back() else {
            return;
        };
        while let Some(parent) = scope.give_back() {
            scope = parent;
        }
    }

    /// Gives back one unit; the parent, which is next, if the scope has ended with it.
    #[inline]
    fn give_back(&self) -> Option<Arc<Scope>> {
        match self.count.give_back() {
            Left::Some(left) => {
                self.sweep_if_crowded(left);
                None
            }
            Left::Nothing => self.leave(),
        }
    }

    /// Leaves the parent's list for good; gives the parent.
    fn leave(&self) -> Option<Arc<Scope>> {
        let mut inner = self.lock();
        let (place, adopted) = (inner.place, inner.adopted);
        let cancelled = std::mem::replace(&mut inner.cancelled, Stopwatch::new());
        drop(inner);
        cancelled.stop();
        let parent = if adopted {
            Self::root()
        } else {
            self.parent.as_ref()?
        };
        parent.lock().registry.remove_child(place);
        Some(Arc::clone(parent))
    }

    /// Wakes the owner, to look at what has changed.
    pub(crate) fn wake_joiner(&self) {
        self.count.wake();
    }

    /// Leaves a waker for whatever the owner has to look at: the last task's end, a failure, a cancellation.
    pub(crate) fn set_joiner(&self, cx: &Cx<'_>) {
        self.count.set_joiner(cx.waker());
    }

    /// Ready once everything in the scope but its owner has ended, detached tasks apart.
    pub(crate) fn poll_joined(&self, cx: &Cx<'_>) -> Poll<()> {
        self.set_joiner(cx);
        self.look_joined(cx)
    }

    /// As [`poll_joined`](Self::poll_joined), without leaving a waker.
    pub(crate) fn look_joined(&self, cx: &Cx<'_>) -> Poll<()> {
        let pending = self.count.get();
        if pending == 1 {
            return Poll::Ready(());
        }
        if self.count.has_detached() {
            let mut inner = self.lock();
            // One that was let go in its last moment has not followed, and is no unit any more.
            inner.registry.forget_ended();
            self.settle_detached(&inner.registry);
            if pending <= 1 + inner.registry.detached.len() {
                if !inner.registry.is_held_up() {
                    return Poll::Ready(());
                }
                // A task that has given back its unit is not yet finished for its handle: very soon.
                drop(inner);
                cx.waker().wake_by_ref();
            }
        }
        Poll::Pending
    }

    /// For the root, which several may wait for: ready once nothing is in it.
    pub(crate) fn poll_idle(&self, cx: &Cx<'_>) -> Poll<()> {
        self.count.add_idle(cx.waker());
        if self.pending() == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// The owner has joined: what is left are detached tasks, which move to the root.
    pub(crate) fn close(self: &Arc<Self>) {
        if self.count.has_detached() {
            self.move_to_root();
        }
        self.release();
    }

    fn move_to_root(self: &Arc<Self>) {
        let Some(parent) = &self.parent else { return };
        let root = Self::root();
        if Arc::ptr_eq(parent, root) {
            return;
        }
        root.count();
        let mut inner = root.lock();
        let new = inner.registry.add_child();
        inner.registry.set_child(new, Arc::downgrade(self));
        drop(inner);
        let mut inner = self.lock();
        let old = std::mem::replace(&mut inner.place, new);
        inner.adopted = true;
        drop(inner);
        parent.lock().registry.remove_child(old);
        parent.release();
    }
}

impl Drop for Scope {
    /// Unlinks the chain of parents one by one: dropping ten thousand of them inside each other would overflow the stack.
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(mut last) = parent.and_then(Arc::into_inner) {
            parent = last.parent.take();
        }
    }
}
