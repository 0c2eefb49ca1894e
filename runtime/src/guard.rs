//! The guard of a `#[guarded]` function: catches a panic and makes it the function's return value.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;

use crate::panic::{PanicError, frame_named};
use crate::site::Site;

pin_project! {
    /// A future whose panic becomes its output.
    #[must_use = "futures do nothing unless polled"]
    pub struct Guard<F, H> {
        #[pin]
        future: Option<F>,
        handler: Option<H>,
        site: &'static Site,
    }
}

/// Guards a future: when it panics, `handler` makes its output.
pub const fn guard<F, H>(site: &'static Site, future: F, handler: H) -> Guard<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    Guard {
        future: Some(future),
        handler: Some(handler),
        site,
    }
}

impl<F, H> Future for Guard<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("`{}` was polled after it had ended", this.site.name());
        };
        match frame_named(this.site, || future.poll(cx)) {
            Ok(polled) => polled,
            Err(panic) => {
                drop(frame_named(this.site, || this.future.set(None)));
                match this.handler.take() {
                    Some(handler) => Poll::Ready(handler(panic)),
                    None => panic.resume(),
                }
            }
        }
    }
}

impl<F, H> std::fmt::Debug for Guard<F, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard")
            .field("name", &self.site.name())
            .finish_non_exhaustive()
    }
}

/// Guards a closure: when it panics, `handler` makes its value.
#[inline]
pub fn guard_sync<T>(
    site: &'static Site,
    f: impl FnOnce() -> T,
    handler: impl FnOnce(PanicError) -> T,
) -> T {
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
    match frame_named(site, make) {
        Ok(future) => Guarded {
            guard: guard(site, future, handler),
            panic: None,
        },
        Err(panic) => Guarded {
            guard: Guard {
                future: None,
                handler: Some(handler),
                site,
            },
            panic: Some(panic),
        },
    }
}

pin_project! {
    /// A returned future that is guarded, or the panic of the call that was to make it.
    #[must_use = "futures do nothing unless polled"]
    pub struct Guarded<F, H> {
        #[pin]
        guard: Guard<F, H>,
        panic: Option<PanicError>,
    }
}

impl<F, H> Future for Guarded<F, H>
where
    F: Future,
    H: FnOnce(PanicError) -> F::Output,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.panic.take() {
            None => this.guard.poll(cx),
            Some(panic) => match this.guard.project().handler.take() {
                Some(handler) => Poll::Ready(handler(panic)),
                None => panic.resume(),
            },
        }
    }
}

impl<F, H> std::fmt::Debug for Guarded<F, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.guard.fmt(f)
    }
}

/// Ends the process after a panic that was reported.
fn abort(panic: PanicError) -> ! {
    crate::report::flush();
    std::mem::forget(panic);
    std::process::abort()
}

/// A future whose panic ends the process, reported.
pub const fn abort_on_panic<F: Future>(
    site: &'static Site,
    future: F,
) -> Guard<F, fn(PanicError) -> F::Output> {
    guard(site, future, |panic| abort(panic))
}

/// A closure whose panic ends the process, reported.
pub fn abort_on_panic_sync<T>(site: &'static Site, f: impl FnOnce() -> T) -> T {
    guard_sync(site, f, |panic| abort(panic))
}
