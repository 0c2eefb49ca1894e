//! The guard of a `#[guarded]` function: catches a panic and makes it the function's return value.
#![allow(
    missing_docs,
    reason = "hidden from users, and a field of a projected enum can have no documentation"
)]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;

use crate::ambient;
use crate::panic::{PanicError, frame_named};
use crate::policy::{self, PanicPolicy};
use crate::site::Site;

const AFTER_END: &str = "a guarded future was polled after it had ended";

pin_project! {
    /// A future whose panic becomes its output.
    #[project = Running]
    #[must_use = "futures do nothing unless polled"]
    // An enum, and not a struct with an `Option`: each layer of types brings a nest of guarded functions nearer to the
    // depth at which rustc no longer proves that it is `Send`. The future comes last: what rustc has learnt about the
    // rest it need not learn again at the bottom of the nest.
    pub enum Guard<F, H> {
        /// It can be polled while it has its handler.
        Running {
            handler: Option<H>,
            site: &'static Site,
            #[pin]
            future: F,
        },
        /// It has panicked, and is dropped.
        Done,
    }
}

/// Guards a future: when it panics, `handler` makes its output.
#[inline]
pub fn guard<F, H>(site: &'static Site, future: F, handler: H) -> Guard<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    ambient::install();
    Guard::Running {
        handler: Some(handler),
        site,
        future,
    }
}

impl<F, H> Future for Guard<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<F::Output> {
        let Running::Running {
            handler,
            site,
            future,
        } = self.as_mut().project()
        else {
            panic!("{AFTER_END}");
        };
        let site = *site;
        match poll_in_frame(site, handler, future, cx) {
            Ok(polled) => polled,
            Err((panic, handler)) => {
                drop(frame_named(site, || self.set(Guard::Done)));
                Poll::Ready(recover(panic, handler))
            }
        }
    }
}

/// Polls a guarded future that has its handler. The handler is gone when the future has ended.
#[inline]
fn poll_in_frame<F: Future, H>(
    site: &'static Site,
    handler: &mut Option<H>,
    future: Pin<&mut F>,
    cx: &mut Cx<'_>,
) -> Result<Poll<F::Output>, (PanicError, Option<H>)> {
    // A panic of its own would become its output once more.
    assert!(handler.is_some(), "{AFTER_END}");
    match frame_named(site, || future.poll(cx)) {
        Ok(polled) => {
            if polled.is_ready() {
                *handler = None;
            }
            Ok(polled)
        }
        Err(panic) => Err((panic, handler.take())),
    }
}

fn recover<T>(panic: PanicError, handler: Option<impl FnOnce(PanicError) -> T>) -> T {
    match handler {
        Some(handler) => handler(panic),
        None => panic.resume(),
    }
}

impl<F, H> std::fmt::Debug for Guard<F, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Running { site, .. } => f
                .debug_struct("Guard")
                .field("name", &site.name())
                .finish_non_exhaustive(),
            Self::Done => f.write_str("Guard"),
        }
    }
}

/// Guards a closure: when it panics, `handler` makes its value.
#[inline]
pub fn guard_sync<T>(
    site: &'static Site,
    f: impl FnOnce() -> T,
    handler: impl FnOnce(PanicError) -> T,
) -> T {
    ambient::install();
    frame_named(site, f).unwrap_or_else(handler)
}

/// Guards the call that makes a future, and the future.
pub fn guard_returned<F, H>(
    site: &'static Site,
    make: impl FnOnce() -> F,
    handler: H,
) -> Guarded<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    ambient::install();
    match frame_named(site, make) {
        Ok(future) => Guarded::Made {
            handler: Some(handler),
            site,
            future,
        },
        Err(panic) => Guarded::Panicked {
            panic: Some((panic, handler)),
        },
    }
}

pin_project! {
    /// A returned future that is guarded, or the panic of the call that was to make it.
    #[project = Returned]
    #[must_use = "futures do nothing unless polled"]
    // Not around a `Guard`, which would be a type more.
    pub enum Guarded<F, H> {
        /// The call, or the future, has panicked.
        Panicked {
            panic: Option<(PanicError, H)>,
        },
        /// The call went well.
        Made {
            handler: Option<H>,
            site: &'static Site,
            #[pin]
            future: F,
        },
    }
}

impl<F, H> Future for Guarded<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<F::Output> {
        match self.as_mut().project() {
            Returned::Made {
                handler,
                site,
                future,
            } => {
                let site = *site;
                match poll_in_frame(site, handler, future, cx) {
                    Ok(polled) => polled,
                    Err((panic, handler)) => {
                        let gone = Guarded::Panicked { panic: None };
                        drop(frame_named(site, || self.set(gone)));
                        Poll::Ready(recover(panic, handler))
                    }
                }
            }
            Returned::Panicked { panic } => match panic.take() {
                Some((panic, handler)) => Poll::Ready(handler(panic)),
                None => panic!("{AFTER_END}"),
            },
        }
    }
}

impl<F, H> std::fmt::Debug for Guarded<F, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

/// What comes before the handler of a function that has a policy of its own. Gives the panic back, unless the policy ends
/// the process.
pub fn weighed(site: &'static Site, policy: PanicPolicy, panic: PanicError) -> PanicError {
    policy::weigh_at(policy, site, &panic);
    panic
}

/// The handler of a function that has a policy of its own.
pub fn weighing<T>(
    site: &'static Site,
    policy: PanicPolicy,
    handler: impl FnOnce(PanicError) -> T,
) -> impl FnOnce(PanicError) -> T {
    move |panic| handler(weighed(site, policy, panic))
}
