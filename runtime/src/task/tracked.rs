//! The edge of a task: what stands between tokio and the future that a user spawned.
//!
//! It makes its scope the ambient one during each poll, catches and reports a panic, and gives the scope its unit back
//! when the future has been dropped. A second kind of child can be put beside this one: the scope knows only
//! [`Member`]s.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;

use crate::panic::{PanicError, contain_drop};
use crate::slot::Route;
use crate::task::member::{Kept, Member};

/// What becomes of a task's outcome.
pub trait Outcome<T>: Copy {
    /// What the task gives to its `JoinHandle`.
    type Output;

    /// The future has ended with `output`.
    fn ended(self, member: &mut Member, output: T, concurrent: bool) -> Self::Output;

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

    fn ended(self, _: &mut Member, output: T, _: bool) -> T {
        output
    }

    fn panicked(self, _: &Member, panic: PanicError, _: bool) -> Result<T, PanicError> {
        if let Some(id) = tokio::task::try_id() {
            panic.remember(id);
        }
        Err(panic)
    }
}

/// The handle is discarded: the outcome belongs to the scope, by the route `R`.
pub struct Discarded<R>(PhantomData<fn() -> R>);

impl<R> Discarded<R> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Clone for Discarded<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Discarded<R> {}

impl<R> std::fmt::Debug for Discarded<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Discarded")
    }
}

impl<T, R: Route<T>> Outcome<T> for Discarded<R> {
    type Output = ();

    fn ended(self, member: &mut Member, output: T, concurrent: bool) {
        // The destructor of a value that nobody has is the task's code, too.
        let ended = if std::mem::needs_drop::<T>() {
            member.run(|| R::error(output))
        } else {
            Ok(R::error(output))
        };
        match ended {
            Ok(Some(error)) => member.raised(error, concurrent),
            Ok(None) => {}
            Err(panic) => member.panicked(panic, concurrent),
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

pin_project! {
    /// A user's future as tokio sees it.
    ///
    /// It is one word larger than the future: tokio rounds a task up to whole pairs of cache lines, so each word may cost
    /// a hundred bytes.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Tracked<F: Future, O: Outcome<F::Output>> {
        #[pin]
        stage: Stage<F>,
        outcome: O,
    }

    impl<F: Future, O: Outcome<F::Output>> PinnedDrop for Tracked<F, O> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_future();
        }
    }
}

pin_project! {
    // Where the pointer in `kept` would be null, the future has ended: that needs no further word.
    #[project = Running]
    #[project_replace = Replaced]
    #[derive(Debug)]
    enum Stage<F> {
        Future {
            #[pin]
            future: F,
            kept: Kept,
        },
        Ended,
    }
}

impl<F> Stage<F> {
    /// Drops the future, where it is.
    fn end(self: Pin<&mut Self>) {
        if let Replaced::Future { kept, .. } = self.project_replace(Self::Ended) {
            kept.retire();
        }
    }
}

/// The member of a task whose future runs; back where it is kept when that goes on, and gone when that has ended.
struct Lent<'a, F> {
    stage: Pin<&'a mut Stage<F>>,
    member: Member,
}

impl<'a, F> Lent<'a, F> {
    #[inline]
    fn of(mut stage: Pin<&'a mut Stage<F>>) -> Option<Self> {
        let Running::Future { kept, .. } = stage.as_mut().project() else {
            return None;
        };
        let member = kept.lend();
        Some(Self { stage, member })
    }
}

impl<F> Drop for Lent<'_, F> {
    #[inline]
    fn drop(&mut self) {
        if let Running::Future { kept, .. } = self.stage.as_mut().project() {
            kept.put_back(&mut self.member);
        }
    }
}

impl<F: Future, O: Outcome<F::Output>> Tracked<F, O> {
    pub(crate) fn new(future: F, outcome: O, member: Member) -> Self {
        let kept = member.keep();
        Self {
            stage: Stage::Future { future, kept },
            outcome,
        }
    }

    /// The edge of a task that never begins: it is not counted, and pending until it is aborted.
    pub(crate) const fn refused(outcome: O) -> Self {
        Self {
            stage: Stage::Ended,
            outcome,
        }
    }

    /// Drops the future of a task that was cancelled, in its scope. A destructor that panics is a panic like any other.
    fn drop_future(self: Pin<&mut Self>) {
        let this = self.project();
        let Some(mut lent) = Lent::of(this.stage) else {
            return;
        };
        let Lent { stage, member } = &mut lent;
        member.follow_detach();
        // Not only a cancellation drops futures: a runtime that shuts down does.
        let concurrent = !member.is_cancelled();
        let dropped = member.run(|| stage.as_mut().end());
        if let Err(panic) = dropped
            && let Err(panic) = this.outcome.panicked(member, panic, concurrent)
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

impl<F: Future, O: Outcome<F::Output>> Future for Tracked<F, O> {
    type Output = O::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(mut lent) = Lent::of(this.stage) else {
            // Refused; a task that has ended is polled no more.
            return Poll::Pending;
        };
        let Lent { stage, member } = &mut lent;
        std::task::ready!(member.poll_place(cx));
        member.follow_detach();
        let concurrent = !member.is_cancelled();
        let polled = member.run(|| {
            let Running::Future { future, .. } = stage.as_mut().project() else {
                unreachable!("only what ends a task here ends its future");
            };
            let output = std::task::ready!(future.poll(cx));
            // Its locals are gone before its end is known.
            stage.as_mut().end();
            Poll::Ready(output)
        });
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panic) => {
                // What the panic left of the future may panic again when dropped: reported, and then done with.
                let left = member.run(|| stage.as_mut().end());
                drop(left);
                Err(panic)
            }
        };
        match result {
            Ok(output) => Poll::Ready(this.outcome.ended(member, output, concurrent)),
            Err(panic) => match this.outcome.panicked(member, panic, concurrent) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_one_word_larger_than_its_future() {
        fn edge_of<F: Future>(_: &F) -> usize {
            size_of::<Tracked<F, Held>>()
        }
        let words = [0_usize; 4];
        let future = async move {
            tokio::task::yield_now().await;
            words.len()
        };
        let more = size_of::<Kept>();
        assert_eq!(edge_of(&future), size_of_val(&future) + more);
        assert_eq!(
            more,
            size_of::<crate::metrics::Alive>() + size_of::<usize>()
        );
    }
}
