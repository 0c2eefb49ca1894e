//! The frame of a task group: runs the body, watches for a reason to stop, waits for everyone, and decides.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Cx, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::shape::Shape;
use crate::cancel::{CancelCause, Cancelled, DeadlineExceeded};
use crate::context::{self, Context, Role};
use crate::failure::{Failure, What};
use crate::options::{OnFailure, Options};
use crate::panic::{PanicError, frame};
use crate::raised::Function;
use crate::scope::{Failures, Scope};
use crate::watchdog;

pin_project! {
    /// A task group with its body; its output is what the function returns.
    #[must_use = "futures do nothing unless polled"]
    // `V` is what `S` makes of the body's output. A bound here that says so would have to hold for all lifetimes in it
    // whenever rustc asks whether a caller's future is `Send`, and it does not.
    pub struct Group<B, S, V> {
        #[pin]
        body: Option<B>,
        value: Option<V>,
        lost: fn(&S, V) -> Option<String>,
        shape: S,
        function: &'static Function,
        scope: Arc<Scope>,
        context: Option<Context>,
        given: Option<Duration>,
        outside: Option<Pin<Box<Outside>>>,
        grace: Option<Pin<Box<Sleep>>>,
        ended: bool,
    }

    impl<B, S, V> PinnedDrop for Group<B, S, V> {
        fn drop(this: Pin<&mut Self>) {
            this.abandon();
        }
    }
}

pin_project! {
    /// What may cancel the group from outside; boxed, because few groups have it.
    struct Outside {
        #[pin]
        deadline: Option<Sleep>,
        #[pin]
        token: Option<WaitForCancellationFutureOwned>,
    }
}

impl Outside {
    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Option<CancelCause> {
        let this = self.project();
        if let Some(token) = this.token.as_pin_mut()
            && token.poll(cx).is_ready()
        {
            return Some(CancelCause::Token);
        }
        if let Some(deadline) = this.deadline.as_pin_mut()
            && deadline.poll(cx).is_ready()
        {
            return Some(CancelCause::Deadline);
        }
        None
    }
}

/// Opens a group in the scope around the caller, with `body` as its body.
///
/// # Panics
///
/// When a deadline or a grace is given and the runtime has no timer, at the caller's line.
#[track_caller]
pub fn task_group<B, S>(
    function: &'static Function,
    mut options: Options,
    body: B,
    shape: impl FnOnce(&B) -> S,
) -> Group<B, S, Result<S::Value, S::Error>>
where
    B: Future,
    S: Shape<B::Output>,
{
    let shape = shape(&body);
    options.takes = match options.on_failure {
        OnFailure::Isolate => None,
        OnFailure::Cancel | OnFailure::Collect => S::takes(function),
    };
    if !options.grace.is_zero() {
        // Now, at this line, rather than in the middle of a cancellation.
        drop(tokio::time::sleep(options.grace));
    }
    // Not in a closure: what panics in one does so at a line of its own.
    let mut deadline = None;
    if let Some(after) = options.deadline {
        deadline = Some(tokio::time::sleep(after));
    }
    let token = options.token.take();
    let scope = Scope::open(function.site(), &options);
    let outside = (deadline.is_some() || token.is_some()).then(|| {
        Box::pin(Outside {
            deadline,
            token: token.map(tokio_util::sync::CancellationToken::cancelled_owned),
        })
    });
    Group {
        body: Some(body),
        value: None,
        lost: |shape, value| Some(shape.describe()?(&value.err()?)),
        shape,
        function,
        context: Some(Context {
            scope: Arc::clone(&scope),
            role: Role::Body,
        }),
        scope,
        given: options.deadline,
        outside,
        grace: None,
        ended: false,
    }
}

impl<B: Future, S: Shape<B::Output>> Group<B, S, Result<S::Value, S::Error>> {
    /// Polls the body once: `true` when it is done with.
    fn poll_body(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> bool {
        let mut this = self.project();
        let concurrent = !this.scope.is_cancelled();
        let polled = context::enter(this.context, || {
            frame(|| {
                let body = this.body.as_mut().as_pin_mut()?;
                let Poll::Ready(output) = body.poll(cx) else {
                    return Some(None);
                };
                // Its locals and arguments are gone before the group waits: a child may wait for them.
                this.body.set(None);
                Some(Some(output))
            })
        });
        if let Some(limit) = this.scope.limit() {
            limit.give_back();
        }
        let what = match polled {
            Ok(Some(None)) => return false,
            Ok(None) => return true,
            Ok(Some(Some(output))) => match S::split(output) {
                Ok(value) => {
                    *this.value = Some(Ok(value));
                    return true;
                }
                Err(error) => {
                    *this.value = Some(Err(error));
                    What::BodyError
                }
            },
            Err(panic) => What::Panic(panic),
        };
        this.scope.fail(Failure {
            what,
            site: this.function.site(),
            index: u32::MAX,
            from_body: true,
            concurrent,
        });
        true
    }

    fn end_body(mut self: Pin<&mut Self>) {
        if let Some(panic) = self.as_mut().drop_body() {
            let this = self.project();
            this.scope.fail(Failure {
                what: What::Panic(panic),
                site: this.function.site(),
                index: u32::MAX,
                from_body: true,
                concurrent: false,
            });
        }
    }

    /// Whether the body must not run on: the group has failed, or was cancelled and the function can say so.
    fn is_over(&self) -> bool {
        self.scope.is_cancelled()
            && (self.scope.has_failed()
                || self
                    .scope
                    .cause()
                    .is_some_and(|cause| can_say(&self.shape, &cause, self.given)))
    }

    /// Climbs the ladder of a cancelled group: after the grace, what remains is aborted.
    fn poll_ladder(self: Pin<&mut Self>, cx: &mut Cx<'_>) {
        let this = self.project();
        if !this.scope.is_cancelled() || this.scope.is_aborted() {
            return;
        }
        if this.scope.grace().is_zero() {
            // Somebody on another thread is about to. No timer: there may be none.
            this.scope.abort();
            return;
        }
        let grace = this
            .grace
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(this.scope.grace())));
        if grace.as_mut().poll(cx).is_ready() {
            this.scope.abort();
        }
    }

    /// Everyone has been joined: what the function returns.
    fn decide(self: Pin<&mut Self>) -> S::Output {
        let this = self.project();
        let scope = Arc::clone(this.scope);
        *this.ended = true;
        this.context.take();
        scope.close();
        if !scope.is_disturbed()
            && let Some(Ok(value)) = this.value.take_if(|value| value.is_ok())
        {
            return S::output(Ok(value));
        }
        let mut verdict = Verdict::<S::Error> {
            errors: Vec::new(),
            panic: None,
        };
        let function = *this.function;
        let mut value = this.value.take();
        let mut own = || match value.take() {
            Some(Err(error)) => Some(error),
            other => {
                value = other;
                None
            }
        };
        // A failure of the group's own is concurrent with itself, so it goes before what the cause is called here.
        let cause = scope.cause();
        let from_outside = cause
            .as_ref()
            .and_then(|cause| interruption(this.shape, cause, *this.given, &scope));
        let Failures {
            best,
            collected: mut failures,
        } = scope.take_failures();
        match (best, from_outside) {
            (Some(best), Some(outside)) if !best.concurrent => {
                verdict.errors.push(outside);
                best.report(&scope);
            }
            (Some(best), _) => failures.push(best),
            (None, Some(outside)) => verdict.errors.push(outside),
            (None, None) => {}
        }
        for failure in failures {
            verdict.add(failure, this.shape.panic(), function, &scope, &mut own);
        }
        if let Some(error) = own()
            && let Some(describe) = this.shape.describe()
        {
            // The body's own error lost to another failure.
            report_body(&scope, function, &describe(&error));
        }
        if let Some(panic) = verdict.panic {
            if let Some(describe) = this.shape.describe() {
                for error in &verdict.errors {
                    report_body(&scope, function, &describe(error));
                }
            }
            panic.resume();
        }
        if !verdict.errors.is_empty() {
            return S::output(Err(verdict.errors));
        }
        match value {
            Some(Ok(value)) => S::output(Ok(value)),
            _ => unreachable!("a body that ended without a value has failed or was cancelled"),
        }
    }
}

impl<B, S, V> Group<B, S, V> {
    /// Drops the body, in its scope. A destructor that panics is a failure like any other.
    fn drop_body(self: Pin<&mut Self>) -> Option<PanicError> {
        let mut this = self.project();
        this.body.as_ref().as_pin_ref()?;
        context::enter(this.context, || frame(|| this.body.set(None))).err()
    }

    /// The future is dropped before it has ended: its tasks are cancelled in this drop, and its parents wait for them.
    fn abandon(mut self: Pin<&mut Self>) {
        if self.ended {
            return;
        }
        self.scope.cancel(&CancelCause::Dropped);
        self.scope.abort();
        let panic = self.as_mut().drop_body();
        let this = self.project();
        *this.ended = true;
        this.context.take();
        this.scope.report_failures();
        if let Some(text) = this
            .value
            .take()
            .and_then(|value| (this.lost)(this.shape, value))
        {
            report_body(this.scope, this.function, &text);
        }
        this.scope.close();
        if let Some(panic) = panic
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

/// Whether a function of this shape has a word for a cancellation from outside.
fn can_say<O, S: Shape<O>>(shape: &S, cause: &CancelCause, given: Option<Duration>) -> bool {
    shape.cancelled().is_some()
        || (*cause == CancelCause::Deadline && given.is_some() && shape.deadline().is_some())
}

/// What a cancellation from outside is called in the function's error type, if that has a word for it.
fn interruption<O, S: Shape<O>>(
    shape: &S,
    cause: &CancelCause,
    given: Option<Duration>,
    scope: &Scope,
) -> Option<S::Error> {
    if let (CancelCause::Deadline, Some(deadline), Some(given)) = (cause, shape.deadline(), given)
        && (scope.has_own_deadline() || shape.cancelled().is_none())
    {
        return Some(deadline(DeadlineExceeded::new(given)));
    }
    Some(shape.cancelled()?(Cancelled::new(cause.clone())))
}

/// Reports an error for which the function has no place.
fn report_body(scope: &Scope, function: &'static Function, text: &str) {
    let task = context::TaskInfo {
        path: scope.path(),
        site: Some(function.site()),
    };
    crate::report::error(&task, text);
}

struct Verdict<E> {
    errors: Vec<E>,
    panic: Option<PanicError>,
}

impl<E> Verdict<E> {
    fn add(
        &mut self,
        failure: Failure,
        from_panic: Option<fn(PanicError) -> E>,
        function: &'static Function,
        scope: &Scope,
        own: &mut impl FnMut() -> Option<E>,
    ) {
        let site = failure.site;
        match failure.what {
            What::Panic(panic) => match from_panic {
                Some(from_panic) => self.errors.push(from_panic(panic)),
                // The first one unwinds; each has been reported.
                None => {
                    self.panic.get_or_insert(panic);
                }
            },
            What::Error(error) => match error.into_error(function) {
                Ok(error) => self.errors.push(error),
                Err(error) => crate::failure::report_error(scope, site, &error),
            },
            What::BodyError => self.errors.extend(own()),
        }
    }
}

impl<B: Future, S: Shape<B::Output>> Future for Group<B, S, Result<S::Value, S::Error>> {
    type Output = S::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<S::Output> {
        assert!(!self.ended, "a task group was polled after it had ended");
        loop {
            // Before anything is looked at: what happens afterwards wakes this frame.
            self.scope.set_joiner(cx);
            let this = self.as_mut().project();
            if !this.scope.is_cancelled()
                && let Some(cause) = this
                    .outside
                    .as_mut()
                    .and_then(|outside| outside.as_mut().poll(cx))
            {
                this.scope.cancel(&cause);
            }
            self.as_mut().poll_ladder(cx);
            if self.body.is_some() {
                if self.is_over() {
                    self.as_mut().end_body();
                } else if !self.as_mut().poll_body(cx) {
                    if self.is_over() {
                        continue;
                    }
                    return Poll::Pending;
                }
                // The ladder may have begun with the body's end.
                self.as_mut().poll_ladder(cx);
            }
            if self.scope.look_joined(cx).is_pending() {
                if self.scope.is_cancelled() {
                    self.as_mut().poll_ladder(cx);
                }
                watchdog::watch(&self.scope);
                return Poll::Pending;
            }
            return Poll::Ready(self.decide());
        }
    }
}

impl<B, S, V> std::fmt::Debug for Group<B, S, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group")
            .field("scope", &self.scope.path())
            .finish_non_exhaustive()
    }
}
