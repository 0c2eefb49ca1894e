//! A task as its scope sees it: a unit of the scope's count, with what the task inherits.

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as Cx, Poll};

use crate::ambient::{self, Context, Current, Part, TaskExt};
use crate::error::ErasedError;
use crate::limit::Place;
use crate::metrics::Alive;
use crate::panic::{PanicError, frame, quietly};
use crate::scope::Scope;
use crate::scope::failure::{Failure, What, report_error};
use crate::site::Site;

/// A unit of a scope's count, given back on drop.
#[derive(Debug)]
pub struct Member {
    /// `None` while it is the ambient one, and when the unit is somebody else's.
    context: Option<Arc<Context>>,
    alive: Alive,
}

/// A member at rest, in one word. It gives nothing back: whoever keeps it makes a member of it before the end.
#[derive(Debug)]
pub(crate) struct Kept {
    context: Arc<Context>,
    alive: Alive,
}

impl Kept {
    /// The member, to be put back.
    #[inline]
    pub(crate) fn lend(&mut self) -> Member {
        let context = std::mem::replace(&mut self.context, ambient::stand_in());
        Member {
            context: Some(context),
            alive: self.alive,
        }
    }

    #[inline]
    pub(crate) fn put_back(&mut self, member: &mut Member) {
        if let Some(context) = member.context.take() {
            ambient::keep_stand_in(std::mem::replace(&mut self.context, context));
        }
    }

    /// What is left here of a member that was lent is of no more use.
    #[inline]
    pub(crate) fn retire(self) {
        ambient::keep_stand_in(self.context);
    }
}

impl Member {
    /// Counts a task that the caller is about to spawn from `owner`.
    #[inline]
    pub(crate) fn of(owner: Current<'_>, site: &'static Site, place: Option<Place>) -> Self {
        // Code of others, before the unit is taken.
        let alive = Alive::count();
        #[cfg(feature = "tracing")]
        let span = if tracing::dispatcher::has_been_set() {
            let current = quietly(tracing::Span::current);
            current.filter(|span| !span.is_disabled())
        } else {
            None
        };
        owner.scope().count();
        let index = owner.scope().next_index();
        let is_plain = place.is_none() && index == 0;
        #[cfg(feature = "tracing")]
        let is_plain = is_plain && span.is_none();
        let context = if is_plain {
            owner.context.of_task(site)
        } else {
            let rich = TaskExt {
                #[cfg(feature = "tracing")]
                span: Mutex::new(span),
                place: Mutex::new(place),
                index,
            };
            let context = Context::at(Arc::clone(owner.scope()), site);
            Arc::new(context.with_rich(Some(Box::new(rich))))
        };
        Self {
            context: Some(context),
            alive,
        }
    }

    #[inline]
    pub(crate) fn keep(mut self) -> Kept {
        Kept {
            context: self.context.take().unwrap_or_else(ambient::stand_in),
            alive: self.alive,
        }
    }

    #[inline]
    fn rich(&self) -> Option<&TaskExt> {
        self.context.as_ref()?.rich.as_deref()
    }

    fn site(&self) -> &'static Site {
        let site = self.context.as_ref().and_then(|context| context.site());
        site.unwrap_or_else(|| Scope::root().site())
    }

    #[inline]
    fn scope(&self) -> Option<&Arc<Scope>> {
        self.context.as_ref().map(|context| &context.scope)
    }

    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.scope().is_some_and(|scope| scope.is_cancelled())
    }

    /// Moves to the root if [`detach`](crate::detach) has let this task go.
    #[inline]
    pub(crate) fn follow_detach(&mut self) {
        if self.scope().is_some_and(|scope| scope.has_let_go()) {
            self.move_if_let_go();
        }
    }

    #[cold]
    fn move_if_let_go(&mut self) {
        let Some(context) = self.context.take() else {
            return;
        };
        let Some((handle, kind)) = context.scope.take_detached() else {
            self.context = Some(context);
            return;
        };
        let root = Arc::clone(Scope::root());
        root.count();
        let site = context.site().unwrap_or_else(|| root.site());
        root.register(handle, site, kind, ambient::now());
        let left = Arc::clone(&context.scope);
        // Nobody shares what is rich.
        let rich = Arc::into_inner(context).and_then(|context| context.rich);
        self.context = Some(Arc::new(Context::at(root, site).with_rich(rich)));
        left.release();
    }

    /// Runs a piece of the task: in its scope and its span, and so that a panic is caught and reported.
    pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> Result<R, PanicError> {
        let result = if self.rich().is_some() {
            self.run_in_span(f)
        } else {
            ambient::enter(&mut self.context, Part::Task, || frame(f))
        };
        if let Err(panic) = &result
            && !panic.is_deliberate()
            && self.scope().is_some_and(|scope| scope.parent().is_none())
        {
            crate::policy::root_task_failed();
        }
        result
    }

    #[cfg(feature = "tracing")]
    fn run_in_span<R>(&mut self, f: impl FnOnce() -> R) -> Result<R, PanicError> {
        /// Puts the span back, also when a deliberate abort passes.
        struct Return<'a>(&'a mut Member, Option<tracing::Span>);
        impl Drop for Return<'_> {
            fn drop(&mut self) {
                if let Some(rich) = self.0.rich() {
                    *lock(&rich.span) = self.1.take();
                }
            }
        }

        /// Leaves the span, whatever the subscriber makes of it.
        struct Leave<'a>(Option<tracing::span::Entered<'a>>);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                let entered = self.0.take();
                quietly(|| drop(entered));
            }
        }

        let span = self.rich().and_then(|rich| lock(&rich.span).take());
        let Return(member, span) = &mut Return(self, span);
        // A subscriber that panics spoils its own record of the task, and nothing else.
        let _entered = Leave(span.as_ref().and_then(|span| quietly(|| span.enter())));
        ambient::enter(&mut member.context, Part::Task, || frame(f))
    }

    #[cfg(not(feature = "tracing"))]
    fn run_in_span<R>(&mut self, f: impl FnOnce() -> R) -> Result<R, PanicError> {
        ambient::enter(&mut self.context, Part::Task, || frame(f))
    }

    #[inline]
    pub(crate) fn poll_place(&self, cx: &mut Cx<'_>) -> Poll<()> {
        match self.rich() {
            Some(rich) => match &mut *lock(&rich.place) {
                Some(place) => place.poll(cx),
                None => Poll::Ready(()),
            },
            None => Poll::Ready(()),
        }
    }

    /// Waits for the task's place on a thread that may block.
    pub(crate) fn block_for_place(&self) {
        if let Some(rich) = self.rich() {
            let place = lock(&rich.place).take();
            *lock(&rich.place) = place.map(Place::block);
        }
    }

    fn index(&self) -> u32 {
        self.rich().map_or(0, |rich| rich.index)
    }

    /// Tells the scope of a panic of a discarded task.
    pub(crate) fn panicked(&self, panic: PanicError, concurrent: bool) {
        self.failed(What::Panic(panic), concurrent);
    }

    /// Tells the scope of an error of a discarded task, or reports it when nobody there takes it.
    pub(crate) fn raised(&self, error: ErasedError, concurrent: bool) {
        let Some(scope) = self.scope() else { return };
        let site = self.site();
        if scope.takes().is_some_and(|group| site.is_in(group)) {
            self.failed(What::Error(error), concurrent);
        } else {
            report_error(scope, site, &error);
        }
    }

    fn failed(&self, what: What, concurrent: bool) {
        if let Some(scope) = self.scope() {
            scope.fail(Failure {
                what,
                site: self.site(),
                index: self.index(),
                from_body: false,
                concurrent,
            });
        }
    }
}

/// Never contended: only the task itself has what is rich.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a unit back at the end of a drop, whatever happens in it.
struct Unit(Arc<Scope>);

impl Drop for Unit {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Drop for Member {
    #[inline]
    fn drop(&mut self) {
        let Some(context) = self.context.take() else {
            return;
        };
        self.alive.end();
        if context.rich.is_none() {
            context.scope.release();
        } else {
            // The place and the span first: who joins the group finds them gone. The last of a span is a subscriber's code.
            let unit = Unit(Arc::clone(&context.scope));
            quietly(|| drop(context));
            drop(unit);
        }
    }
}
