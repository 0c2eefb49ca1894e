//! The type of a discarded spawn's output, and the route of the error in it.
//!
//! A macro sees tokens and not types. So it declares a [`Slot`] in the function's frame for each discarded spawn and hands it
//! to the spawn, where rustc fills in the type of the output. After the body, the questions in
//! [`ask`](crate::__private::ask) read that type and fill in the route. A slot has no size, and a route is a type without
//! values: which code runs in the task is settled at compile time.

use std::marker::PhantomData;

use crate::error::{Describe, ErasedError};

/// A place for two types, both of which are inferred: the output of a task, and the route of its error.
pub struct Slot<T, R>(PhantomData<fn() -> (T, R)>);

impl<T, R> Slot<T, R> {
    /// A slot of which nothing is known yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only expansions make one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The slot behind a reference that lives for ever: a closure or an async block that is not `move` and uses `*slot`
    /// borrows no local by it.
    #[must_use]
    pub const fn by_ref(self) -> &'static Self
    where
        T: 'static,
        R: 'static,
    {
        &Slot(PhantomData)
    }
}

impl<T, R> Clone for Slot<T, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R> Copy for Slot<T, R> {}

impl<T, R> std::fmt::Debug for Slot<T, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

/// The slot of a literal that has no output.
#[must_use]
pub const fn plain<T>() -> Slot<T, Plain> {
    Slot::new()
}

/// What the output of a discarded task means to its scope.
pub trait Route<T>: 'static {
    /// The error in the output, if there is one.
    fn error(output: T) -> Option<ErasedError>;
}

/// The route of an output without an error.
#[derive(Debug)]
pub enum Plain {}

impl<T> Route<T> for Plain {
    fn error(_: T) -> Option<ErasedError> {
        None
    }
}

/// An error that can reach the function from a task.
#[diagnostic::on_unimplemented(
    message = "the error of this task would be lost: a `{Self}` is not `Send`, so it cannot reach the function",
    label = "this task is discarded, so its `Err` belongs to the group",
    note = "keep the handle and look at its result, or handle the error inside the task, or make another of it that is `Send`"
)]
pub trait Travels: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<X: Send + 'static> Travels for X {}

/// The route of a `Result` whose error the function takes, described as `D` does.
pub struct Errs<X, D>(PhantomData<fn() -> (X, D)>);

impl<T, X: Travels, D: Describe<X>> Route<Result<T, X>> for Errs<X, D> {
    fn error(output: Result<T, X>) -> Option<ErasedError> {
        output.err().map(ErasedError::new::<X, D>)
    }
}

/// The route of a `Result` whose error nobody takes. It is described where the task ends, so it need not be `Send`.
pub struct Reported<X, D>(PhantomData<fn() -> (X, D)>);

impl<T, X: 'static, D: Describe<X>> Route<Result<T, X>> for Reported<X, D> {
    fn error(output: Result<T, X>) -> Option<ErasedError> {
        output
            .err()
            .map(|error| ErasedError::described::<X, D>(&error))
    }
}
