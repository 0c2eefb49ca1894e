//! What an explicit group makes of a launched future's output.

use std::marker::PhantomData;

use crate::error::{ByDebug, ErasedError};
use crate::site::GroupId;
use crate::slot::Route;

/// The identity of every explicit group. What is launched into one is in its scope, so no other can get the error.
pub(super) static EXPLICIT: GroupId = GroupId::new("group");

/// What a launched future may return: nothing, or a `Result` whose error the group takes.
#[diagnostic::on_unimplemented(
    message = "a task group with errors of type `{E}` cannot launch a future that returns `{Self}`",
    label = "must return `()` or a `Result` whose error converts into `{E}`",
    note = "use `spawn` for a future with a value, and await the handle"
)]
pub trait Launch<E>: Send + 'static {
    /// The error, if there is one.
    #[doc(hidden)]
    fn error(self) -> Option<ErasedError>;
}

impl<E> Launch<E> for () {
    fn error(self) -> Option<ErasedError> {
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
    fn error(self) -> Option<ErasedError> {
        self
    }
}

impl<T, X, E> Launch<E> for Result<T, X>
where
    T: Send + 'static,
    X: Send + std::fmt::Debug + 'static,
    E: From<X> + 'static,
{
    fn error(self) -> Option<ErasedError> {
        self.err().map(ErasedError::into_be::<X, ByDebug, E>)
    }
}

/// The route of a launched future in a group with errors of type `E`.
pub(super) struct Launched<E>(PhantomData<fn() -> E>);

impl<E: 'static, T: Launch<E>> Route<T> for Launched<E> {
    fn error(output: T) -> Option<ErasedError> {
        output.error()
    }
}
