//! The edge of a task: what stands between tokio and the future that a user spawned.
//!
//! It makes its scope the ambient one during each poll, catches and reports a panic, and gives the scope its unit back
//! when the future has been dropped. A second kind of child can be put beside this one: the scope knows only
//! [`Member`]s.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;

use crate::context::{self, Context, Role};
use crate::failure::{Failure, What, report_error};
use crate::limit::Place;
use crate::metrics::Alive;
use crate::panic::{PanicError, contain_drop, frame};
use crate::raised::Raised;
use crate::scope::Scope;
use crate::site::Site;

/// What only some tasks have, so that the others pay nothing for it.
#[derive(Debug)]
struct Rich {
    context: Option<Context>,
    #[cfg(feature = "tracing")]
    span: Option<tracing::Span>,
    place: Option<Place>,
    index: u32,
}

/// A task's context, unless it is the ambient one just now. As large as the context itself.
#[derive(Debug)]
enum Slot {
    Plain(Context),
    Rich(Option<Box<Rich>>),
}

impl context::Slot for Slot {
    #[inline]
    fn take(&mut self) -> Option<Context> {
        match std::mem::replace(self, Self::Rich(None)) {
            Self::Plain(context) => Some(context),
            Self::Rich(mut rich) => {
                let context = rich.as_mut().and_then(|rich| rich.context.take());
                *self = Self::Rich(rich);
                context
            }
        }
    }

    #[inline]
    fn put(&mut self, context: Context) {
        match self {
            Self::Rich(Some(rich)) => rich.context = Some(context),
            Self::Rich(None) | Self::Plain(_) => *self = Self::Plain(context),
        }
    }
}

/// A unit of a scope's count, given back on drop.
#[derive(Debug)]
pub struct Member {
    slot: Slot,
    alive: Alive,
}

impl Member {
    /// Counts a task that the caller is about to spawn.
    pub(crate) fn of(scope: Arc<Scope>, site: &'static Site, place: Option<Place>) -> Self {
        scope.count();
        let index = scope.next_index();
        #[cfg(feature = "tracing")]
        let span = if tracing::dispatcher::has_been_set() {
            Some(tracing::Span::current()).filter(|span| !span.is_disabled())
        } else {
            None
        };
        let is_plain = place.is_none() && index == 0;
        #[cfg(feature = "tracing")]
        let is_plain = is_plain && span.is_none();
        let context = Context {
            scope,
            role: Role::Task(site),
        };
        let slot = if is_plain {
            Slot::Plain(context)
        } else {
            Slot::Rich(Some(Box::new(Rich {
                context: Some(context),
                #[cfg(feature = "tracing")]
                span,
                place,
                index,
            })))
        };
        Self {
            slot,
            alive: Alive::count(),
        }
    }

    #[inline]
    fn context(&self) -> Option<&Context> {
        match &self.slot {
            Slot::Plain(context) => Some(context),
            Slot::Rich(rich) => rich.as_ref()?.context.as_ref(),
        }
    }

    fn rich(&self) -> Option<&Rich> {
        match &self.slot {
            Slot::Plain(_) => None,
            Slot::Rich(rich) => rich.as_deref(),
        }
    }

    #[inline]
    fn rich_mut(&mut self) -> Option<&mut Rich> {
        match &mut self.slot {
            Slot::Plain(_) => None,
            Slot::Rich(rich) => rich.as_deref_mut(),
        }
    }

    fn site(&self) -> &'static Site {
        match self.context() {
            Some(Context {
                role: Role::Task(site),
                ..
            }) => site,
            _ => Scope::root().site(),
        }
    }

    #[inline]
    fn scope(&self) -> Option<&Arc<Scope>> {
        self.context().map(|context| &context.scope)
    }

    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.scope().is_some_and(|scope| scope.is_cancelled())
    }

    /// Moves to the root if [`detach`](crate::detach) has let this task go.
    #[inline]
    fn follow_detach(&mut self) {
        if self.scope().is_some_and(|scope| scope.has_let_go()) {
            self.move_if_let_go();
        }
    }

    #[cold]
    fn move_if_let_go(&mut self) {
        let context = match &mut self.slot {
            Slot::Plain(context) => context,
            Slot::Rich(Some(rich)) => match &mut rich.context {
                Some(context) => context,
                None => return,
            },
            Slot::Rich(None) => return,
        };
        if let Some((handle, kind)) = context.scope.take_detached() {
            let root = Arc::clone(Scope::root());
            root.count();
            if let Role::Task(site) = context.role {
                root.register(handle, site, kind);
            }
            let left = std::mem::replace(&mut context.scope, root);
            left.release();
        }
    }

    /// Runs a piece of the task: in its scope and its span, and so that a panic is caught and reported.
    pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> Result<R, PanicError> {
        let result = match &mut self.slot {
            Slot::Rich(Some(rich)) => {
                #[cfg(feature = "tracing")]
                let _entered = rich.span.as_ref().map(tracing::Span::enter);
                context::enter(&mut rich.context, || frame(f))
            }
            slot => context::enter(slot, || frame(f)),
        };
        if let Err(panic) = &result
            && !panic.is_deliberate()
            && self.scope().is_some_and(|scope| scope.parent().is_none())
        {
            crate::policy::root_task_failed();
        }
        result
    }

    #[inline]
    fn poll_place(&mut self, cx: &mut Cx<'_>) -> Poll<()> {
        match self.rich_mut().and_then(|rich| rich.place.as_mut()) {
            Some(place) => place.poll(cx),
            None => Poll::Ready(()),
        }
    }

    /// Waits for the task's place on a thread that may block.
    pub(crate) fn block_for_place(&mut self) {
        if let Some(rich) = self.rich_mut()
            && let Some(place) = rich.place.take()
        {
            rich.place = Some(place.block());
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
    pub(crate) fn raised(&self, error: Raised, concurrent: bool) {
        let Some(scope) = self.scope() else { return };
        if error.is_for(scope.takes()) {
            self.failed(What::Error(error), concurrent);
        } else {
            report_error(scope, self.site(), &error);
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

impl Drop for Member {
    fn drop(&mut self) {
        let context = context::Slot::take(&mut self.slot);
        // The place, the span and the count first: who joins the group finds them gone.
        self.slot = Slot::Rich(None);
        self.alive.end();
        if let Some(context) = context {
            context.scope.release();
        }
    }
}

/// What becomes of a task's outcome.
pub trait Outcome<T>: Copy {
    /// What the task gives to its `JoinHandle`.
    type Output;

    /// The future has ended with `output`.
    fn ended(self, member: &Member, output: T, concurrent: bool) -> Self::Output;

    /// The future, or its destructor, has panicked; that is reported already.
    ///
    /// # Errors
    ///
    /// Gives the panic back where the task must go on unwinding with it.
    fn panicked(
        self,
        member: &Member,
        panic: PanicError,
        concurrent: bool,
    ) -> Result<Self::Output, PanicError>;
}

/// The handle is used as a value: it has the outcome, and nobody else.
#[derive(Clone, Copy, Debug)]
pub struct Held;

impl<T> Outcome<T> for Held {
    type Output = T;

    fn ended(self, _: &Member, output: T, _: bool) -> T {
        output
    }

    fn panicked(self, _: &Member, panic: PanicError, _: bool) -> Result<T, PanicError> {
        if let Some(id) = tokio::task::try_id() {
            panic.remember(id);
        }
        Err(panic)
    }
}

/// The handle is discarded: the outcome belongs to the scope.
#[derive(Clone, Copy, Debug)]
pub struct Discarded<R>(pub(crate) R);

impl<T, R: Route<T>> Outcome<T> for Discarded<R> {
    type Output = ();

    fn ended(self, member: &Member, output: T, concurrent: bool) {
        if let Some(error) = self.0.route(output) {
            member.raised(error, concurrent);
        }
    }

    fn panicked(
        self,
        member: &Member,
        panic: PanicError,
        concurrent: bool,
    ) -> Result<(), PanicError> {
        member.panicked(panic, concurrent);
        Ok(())
    }
}

/// What the output of a discarded task means to its scope.
pub trait Route<T>: Copy + Send + 'static {
    /// The error in the output, if there is one.
    fn route(self, output: T) -> Option<Raised>;
}

/// An output that is not looked at.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl<T> Route<T> for Plain {
    fn route(self, _: T) -> Option<Raised> {
        None
    }
}

pin_project! {
    /// A user's future as tokio sees it.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Edge<F: Future, O: Outcome<F::Output>> {
        #[pin]
        future: Option<F>,
        outcome: O,
        // Last, so that the scope's count falls when all else is gone.
        member: Member,
    }

    impl<F: Future, O: Outcome<F::Output>> PinnedDrop for Edge<F, O> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_future();
        }
    }
}

impl<F: Future, O: Outcome<F::Output>> Edge<F, O> {
    pub(crate) fn new(future: F, outcome: O, member: Member) -> Self {
        Self {
            future: Some(future),
            outcome,
            member,
        }
    }

    /// Drops the future of a task that was cancelled, in its scope. A destructor that panics is a panic like any other.
    fn drop_future(self: Pin<&mut Self>) {
        let mut this = self.project();
        if this.future.is_none() {
            return;
        }
        this.member.follow_detach();
        // Not only a cancellation drops futures: a runtime that shuts down does.
        let concurrent = !this.member.is_cancelled();
        let dropped = this.member.run(|| this.future.set(None));
        if let Err(panic) = dropped
            && let Err(panic) = this.outcome.panicked(this.member, panic, concurrent)
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

impl<F: Future, O: Outcome<F::Output>> Future for Edge<F, O> {
    type Output = O::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        std::task::ready!(this.member.poll_place(cx));
        this.member.follow_detach();
        let concurrent = !this.member.is_cancelled();
        let polled = this.member.run(|| {
            let Some(future) = this.future.as_mut().as_pin_mut() else {
                panic!("a task was polled after it had ended");
            };
            let output = std::task::ready!(future.poll(cx));
            // Its locals are gone before its end is known.
            this.future.set(None);
            Poll::Ready(output)
        });
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panic) => {
                // What the panic left of the future may panic again when dropped: reported, and then done with.
                let left = this.member.run(|| this.future.set(None));
                drop(left);
                Err(panic)
            }
        };
        match result {
            Ok(output) => Poll::Ready(this.outcome.ended(this.member, output, concurrent)),
            Err(panic) => match this.outcome.panicked(this.member, panic, concurrent) {
                Ok(output) => Poll::Ready(output),
                Err(panic) => panic.resume(),
            },
        }
    }
}

/// Drops a future that is never polled, in nobody's scope; a panicking destructor is contained and reported.
pub(crate) fn discard<T>(value: T) {
    drop(contain_drop(value));
}
