//! Which errors of discarded tasks a function takes, and as what.

use std::marker::PhantomData;

use crate::errors::Errors;

/// Whether a function that returns `Self` takes an error `X` of a discarded task, as its `?` would.
#[diagnostic::on_unimplemented(
    message = "the error of this task would be lost: a function that returns `{Self}` cannot take a `{X}`",
    label = "this task is discarded, so its `Err` belongs to the group",
    note = "keep the handle and look at its result, or return a `Result` whose error has a `From<{X}>`, \
            or handle the error inside the task; with `on_failure = \"isolate\"` it is reported instead"
)]
pub trait TakesError<X> {
    /// The function's error.
    type Error;

    /// The function's error, made of the task's.
    fn take(error: X) -> Self::Error;
}

// Or the compiler would speak of the missing `From` alone.
#[diagnostic::do_not_recommend]
impl<T, E: From<X>, X> TakesError<X> for Result<T, E> {
    type Error = E;

    fn take(error: X) -> E {
        E::from(error)
    }
}

/// The errors of a function that collects: `Collected<Result<T, Errors<E>>>` takes what an `E` can be made from.
#[derive(Debug)]
pub struct Collected<R>(PhantomData<fn() -> R>);

// Or the compiler would speak of the missing `From` alone.
#[diagnostic::do_not_recommend]
impl<T, E: From<X>, X> TakesError<X> for Collected<Result<T, Errors<E>>> {
    type Error = E;

    fn take(error: X) -> E {
        E::from(error)
    }
}

/// A function with a return type that is refused elsewhere: nothing is said of its tasks' errors.
#[derive(Debug)]
pub struct Refused<E>(PhantomData<fn() -> E>);

#[diagnostic::do_not_recommend]
impl<E, X> TakesError<X> for Refused<E> {
    type Error = E;

    fn take(_: X) -> E {
        unreachable!(
            "a function whose group collects and that returns no `Errors` does not compile"
        )
    }
}
