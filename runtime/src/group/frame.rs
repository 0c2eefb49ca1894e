//! The frame of a task group: runs the body, watches for a reason to stop, waits for everyone, and decides.
#![allow(
    missing_docs,
    reason = "hidden from users, and a field of a projected enum can have no documentation"
)]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;

use super::open::{Open, open_group};
use super::shape::Shape;
use super::verdict::{Verdict, interruption, report_body};
use crate::ambient::{self, Part};
use crate::cause::CancelCause;
use crate::error::ErasedError;
use crate::options::Options;
use crate::panic::{PanicError, contain_drop, frame_holding};
use crate::scope::failure::{Failure, What};
use crate::site::GroupId;
use crate::watchdog;

pin_project! {
    /// A task group with its body; its output is what the function returns.
    #[project = Stage]
    #[must_use = "futures do nothing unless polled"]
    // `V` is what `S` makes of the body's output. A bound here that says so would have to hold for all lifetimes in it
    // whenever rustc asks whether a caller's future is `Send`, and it does not.
    //
    // An enum, and not a struct with an `Option` of the body: see `Guard`. The body comes last: what rustc has learnt
    // about the other fields it need not learn again at the bottom of a nest of groups.
    pub enum Group<B, S, C, V> {
        /// The body is there.
        Body {
            state: Option<State<S, C>>,
            #[pin]
            body: B,
        },
        /// The body is gone; `None` when the group has ended.
        Join {
            state: Option<State<S, C>>,
            outcome: Option<Outcome<S, V>>,
        },
    }

    impl<B, S, C, V> PinnedDrop for Group<B, S, C, V> {
        fn drop(this: Pin<&mut Self>) {
            this.abandon();
        }
    }
}

/// What the body made, and the text of it for a group that is dropped before it could return it.
pub struct Outcome<S, V> {
    value: V,
    lost: fn(&S, V) -> Option<String>,
}

/// What a group has beside its body.
pub struct State<S, C> {
    shape: S,
    /// Makes the function's error of a task's, by the number of the spawn's slot. It is called here and not in the task,
    /// because the function's error may be neither `Send` nor `'static`.
    convert: C,
    id: &'static GroupId,
    /// `None` before the first poll of a group that [`lifted_group`] made.
    open: Option<Open>,
    opens: Option<Opens>,
}

/// Opens a group of this function.
pub(crate) type Opens = fn(&'static GroupId) -> Open;

const AFTER_END: &str = "a task group was polled after it had ended";

/// Opens a group in the scope around the caller, with `body` as its body.
///
/// `convert` gives an error back that is none of the slot's type.
///
/// # Panics
///
/// When a deadline or a grace is given and the runtime has no timer, at the caller's line.
#[track_caller]
pub fn task_group<B, S, C>(
    id: &'static GroupId,
    options: Options,
    body: B,
    shape: impl FnOnce(&B) -> S,
    convert: C,
) -> Group<B, S, C, Result<S::Value, S::Error>>
where
    B: Future,
    S: Shape<B::Output>,
    C: Fn(u32, ErasedError) -> Result<S::Error, ErasedError>,
{
    let open = Some(open_group(id, options));
    let state = State {
        shape: shape(&body),
        convert,
        id,
        open,
        opens: None,
    };
    Group::Body {
        state: Some(state),
        body,
    }
}

/// A group that `opens` opens, in the scope around the caller of the first poll.
pub fn lifted_group<B, S, C>(
    id: &'static GroupId,
    opens: Opens,
    body: B,
    shape: impl FnOnce(&B) -> S,
    convert: C,
) -> Group<B, S, C, Result<S::Value, S::Error>>
where
    B: Future,
    S: Shape<B::Output>,
    C: Fn(u32, ErasedError) -> Result<S::Error, ErasedError>,
{
    let state = State {
        shape: shape(&body),
        convert,
        id,
        open: None,
        opens: Some(opens),
    };
    Group::Body {
        state: Some(state),
        body,
    }
}

impl<S, C> State<S, C> {
    /// The body has failed.
    fn fail(&self, what: What, concurrent: bool) {
        if let Some(open) = &self.open {
            open.scope.fail(Failure {
                what,
                site: self.id.site(),
                index: u32::MAX,
                from_body: true,
                concurrent,
            });
        }
    }
}

impl<B, S, C> Group<B, S, C, Result<S::Value, S::Error>>
where
    B: Future,
    S: Shape<B::Output>,
    C: Fn(u32, ErasedError) -> Result<S::Error, ErasedError>,
{
    /// The group, opened if this is its first poll.
    fn opened(self: Pin<&mut Self>) -> (&mut Open, &S) {
        let (Stage::Body { state, .. } | Stage::Join { state, .. }) = self.project();
        let Some(state) = state else {
            panic!("{AFTER_END}");
        };
        if let Some(opens) = state.opens.take() {
            state.open = Some(opens(state.id));
        }
        let Some(open) = &mut state.open else {
            panic!("{AFTER_END}");
        };
        (open, &state.shape)
    }

    /// Polls the body once: `true` when it is done with.
    fn poll_body(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> bool {
        let Stage::Body { state: slot, body } = self.as_mut().project() else {
            return true;
        };
        let Some(State {
            open: Some(open), ..
        }) = slot
        else {
            return true;
        };
        let concurrent = !open.scope.is_cancelled();
        let now = open.now.take();
        let polled = ambient::enter_at(&mut open.context, Part::Body, now, || {
            frame_holding(|| body.poll(cx))
        });
        if let Some(limit) = open.scope.limit() {
            limit.give_back();
        }
        if matches!(polled, Ok(Poll::Pending)) {
            return false;
        }
        // Its locals and arguments are gone before the group waits: a child may wait for them.
        let Some(state) = slot.take() else {
            return true;
        };
        let value = match polled {
            Ok(Poll::Pending) => None,
            Ok(Poll::Ready(output)) => {
                let value = S::split(output);
                if value.is_err() {
                    state.fail(What::BodyError, concurrent);
                }
                Some(value)
            }
            Err(panic) => {
                state.fail(What::Panic(panic), concurrent);
                None
            }
        };
        let outcome = value.map(|value| Outcome {
            value,
            lost: |shape: &S, value: Result<_, _>| Some(shape.describe()?(&value.err()?)),
        });
        self.set(Group::Join {
            state: Some(state),
            outcome,
        });
        true
    }

    fn end_body(mut self: Pin<&mut Self>) {
        let panic = self.as_mut().drop_body();
        if let Some(panic) = panic
            && let Stage::Join { state, .. } = self.project()
            && let Some(state) = state
        {
            state.fail(What::Panic(panic), false);
        }
    }

    /// Everyone has been joined: what the function returns.
    fn decide(self: Pin<&mut Self>) -> S::Output {
        let Stage::Join { state, outcome } = self.project() else {
            unreachable!("the body is gone when its group has been joined");
        };
        let Some(State {
            shape,
            convert,
            id,
            open: Some(open),
            ..
        }) = state.take()
        else {
            panic!("{AFTER_END}");
        };
        let mut value = outcome.take().map(|outcome| outcome.value);
        let Open {
            scope,
            context,
            given,
            ..
        } = open;
        drop(context);
        scope.close();
        if !scope.is_disturbed()
            && let Some(Ok(value)) = value.take_if(|value| value.is_ok())
        {
            return S::output(Ok(value));
        }
        let mut own = || match value.take() {
            Some(Err(error)) => Some(error),
            other => {
                value = other;
                None
            }
        };
        // A failure of the group's own is concurrent with itself, so it goes before what the cause is called here.
        let cause = scope.cause();
        let mut verdict = Verdict::of(
            &scope,
            || interruption(&shape, cause.as_ref()?, given, &scope),
            shape.panic(),
            |site, error| convert(site.slot(), error),
            &mut own,
        );
        if let Some(error) = own()
            && let Some(describe) = shape.describe()
        {
            // The body's own error lost to another failure.
            report_body(&scope, id, || Some(describe(&error)));
        }
        if verdict.fails() {
            // Nobody gets the body's value. A panic of its destructor is reported, and hides no failure.
            let panic = value.take().and_then(contain_drop);
            verdict.panic = verdict.panic.or(panic.filter(PanicError::is_deliberate));
        }
        if let Some(panic) = verdict.panic {
            if let Some(describe) = shape.describe() {
                for error in &verdict.errors {
                    report_body(&scope, id, || Some(describe(error)));
                }
            }
            panic.resume();
        }
        if !verdict.errors.is_empty() {
            return S::output(Err(verdict.errors));
        }
        match (value, verdict.unconverted) {
            (Some(Ok(value)), _) => S::output(Ok(value)),
            // The error itself is reported already, so the panic hook has nothing to add.
            (_, Some(text)) => std::panic::resume_unwind(Box::new(format!(
                "a task failed whose error belongs to another instance of `{}`: {text}",
                id.site().name()
            ))),
            (_, None) => {
                unreachable!("a body that ended without a value has failed or was cancelled")
            }
        }
    }
}

impl<B, S, C, V> Group<B, S, C, V> {
    /// Drops the body, in its scope. A destructor that panics is a failure like any other.
    fn drop_body(mut self: Pin<&mut Self>) -> Option<PanicError> {
        let Stage::Body { state, .. } = self.as_mut().project() else {
            return None;
        };
        let mut state = state.take()?;
        let mut context = state.open.as_mut()?.context.take();
        let gone = Group::Join {
            state: Some(state),
            outcome: None,
        };
        let panic = ambient::enter(&mut context, Part::Body, || {
            frame_holding(|| self.set(gone))
        })
        .err();
        if let Stage::Join {
            state: Some(State {
                open: Some(open), ..
            }),
            ..
        } = self.project()
        {
            open.context = context;
        }
        panic
    }

    /// The future is dropped before it has ended: its tasks are cancelled in this drop, and its parents wait for them.
    fn abandon(mut self: Pin<&mut Self>) {
        let (Stage::Body { state, .. } | Stage::Join { state, .. }) = self.as_mut().project();
        // Ended, or never begun.
        let Some(State {
            open: Some(open), ..
        }) = state
        else {
            return;
        };
        open.scope.cancel(&CancelCause::Dropped);
        open.scope.abort();
        let panic = self.as_mut().drop_body();
        let Stage::Join { state, outcome } = self.project() else {
            return;
        };
        let Some(State {
            shape,
            id,
            open: Some(Open { scope, context, .. }),
            ..
        }) = state.take()
        else {
            return;
        };
        drop(context);
        scope.report_failures();
        if let Some(Outcome { value, lost }) = outcome.take() {
            report_body(&scope, id, || lost(&shape, value));
        }
        scope.close();
        if let Some(panic) = panic
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

impl<B, S, C> Future for Group<B, S, C, Result<S::Value, S::Error>>
where
    B: Future,
    S: Shape<B::Output>,
    C: Fn(u32, ErasedError) -> Result<S::Error, ErasedError>,
{
    type Output = S::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<S::Output> {
        loop {
            let (open, shape) = self.as_mut().opened();
            open.poll_outside(cx);
            open.poll_grace(cx);
            let is_over = open.is_over(shape);
            if matches!(*self, Group::Body { .. }) {
                if is_over {
                    self.as_mut().end_body();
                } else if !self.as_mut().poll_body(cx) {
                    let (open, shape) = self.as_mut().opened();
                    // What happens from here on wakes this frame, and what has happened is looked at.
                    open.scope.set_joiner(cx);
                    open.poll_grace(cx);
                    if open.is_over(shape) {
                        continue;
                    }
                    return Poll::Pending;
                }
                // The ladder may have begun with the body's end.
                self.as_mut().opened().0.poll_grace(cx);
            }
            let (open, _) = self.as_mut().opened();
            // At first without a waker: often everyone is home already.
            if open.scope.look_joined(cx).is_pending() && open.scope.poll_joined(cx).is_pending() {
                if open.scope.is_cancelled() {
                    open.poll_grace(cx);
                }
                watchdog::watch(&open.scope);
                return Poll::Pending;
            }
            return Poll::Ready(self.decide());
        }
    }
}

impl<B, S, C, V> std::fmt::Debug for Group<B, S, C, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Body { state, .. } | Self::Join { state, .. }) = self;
        let open = state.as_ref().and_then(|state| state.open.as_ref());
        f.debug_struct("Group")
            .field("scope", &open.map(|open| open.scope.path()))
            .finish_non_exhaustive()
    }
}
