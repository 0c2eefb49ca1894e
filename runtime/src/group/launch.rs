//! What an explicit group makes of a launched future's output.

use std::marker::PhantomData;

use crate::edge::Route;
use crate::raised::{Function, Raised};
use crate::symptom::About;

/// The function that takes the errors of every explicit group.
pub(super) static EXPLICIT: Function = Function::new("group");

/// What a launched future may return: nothing, or a `Result` whose error the group takes.
#[diagnostic::on_unimplemented(
    message = "a task group with errors of type `{E}` cannot launch a future that returns `{Self}`",
    label = "must return `()` or a `Result` whose error converts into `{E}`",
    note = "use `spawn` for a future with a value, and await the handle"
)]
pub trait Launch<E>: Send + 'static {
    /// The error, if there is one.
    #[doc(hidden)]
    fn raised(self) -> Option<Raised>;
}

impl<E> Launch<E> for () {
    fn raised(self) -> Option<Raised> {
        None
    }
}

/// Names `!`, which stable Rust has no name for outside a return type.
trait Returns {
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

/// What never returns: `async { loop { … } }`, the accept loop.
#[expect(
    private_interfaces,
    reason = "the trait is gone when the compiler has found the type"
)]
impl<E> Launch<E> for <fn() -> ! as Returns>::Output {
    fn raised(self) -> Option<Raised> {
        self
    }
}

impl<T, X, E> Launch<E> for Result<T, X>
where
    T: Send + 'static,
    X: Send + std::fmt::Debug + 'static,
    E: From<X> + 'static,
{
    fn raised(self) -> Option<Raised> {
        let error = self.err()?;
        Some(Raised::to::<X, E>(
            error,
            About::value(|error| format!("{error:?}")),
            &EXPLICIT,
        ))
    }
}

/// The route of a launched future.
pub(super) struct Launched<E>(PhantomData<fn() -> E>);

impl<E> Launched<E> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> Clone for Launched<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Launched<E> {}

impl<E: 'static, T: Launch<E>> Route<T> for Launched<E> {
    fn route(self, output: T) -> Option<Raised> {
        output.raised()
    }
}
