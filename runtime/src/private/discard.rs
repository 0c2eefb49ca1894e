//! A discarded spawn: is its output a `Result`, and who takes its error?
//!
//! Autoref specialisation on the spawned value picks the route, from the most particular to the least: nothing, an error that
//! cannot be, one with sources, one that can be displayed, one that can be debugged, any other, and no `Result` at all.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::marker::PhantomData;

use super::receiver::{Forgets, Receiver, Statement};
use crate::edge::{Plain, Route};
use crate::errors::Errors;
use crate::raised::{Function, Raised};
use crate::symptom::About;

/// Takes every error: it is reported.
#[derive(Debug)]
pub enum Reported {}

/// The errors of a function that collects: `Collected<Result<T, Errors<E>>>` takes what an `E` can be made from.
pub struct Collected<R>(PhantomData<fn() -> R>);

/// The function of a spawn that is in no group.
pub static NOWHERE: Function = Function::new("nowhere");

/// Whether a function that returns `Self` takes an error `X` of a discarded task, as its `?` would.
#[diagnostic::on_unimplemented(
    message = "the error of this task would be lost: a function that returns `{Self}` cannot take a `{X}`",
    label = "this task is discarded, so its `Err` belongs to the group",
    note = "keep the handle and look at its result, or return a `Result` whose error has a `From<{X}>`, \
            or handle the error inside the task; with `on_failure = \"isolate\"` it is reported instead"
)]
pub trait TakesError<X: Send + 'static> {
    /// The error, on its way.
    fn take(error: X, about: About<X>, function: &'static Function) -> Raised;
}

impl<X: Send + 'static> TakesError<X> for Reported {
    fn take(error: X, about: About<X>, _: &'static Function) -> Raised {
        Raised::new(error, about)
    }
}

// Or the compiler would speak of the missing `From` alone.
#[diagnostic::do_not_recommend]
impl<T, E: From<X>, X: Send + 'static> TakesError<X> for Result<T, E> {
    fn take(error: X, about: About<X>, function: &'static Function) -> Raised {
        Raised::to::<X, E>(error, about, function)
    }
}

// Or the compiler would speak of the missing `From` alone.
#[diagnostic::do_not_recommend]
impl<T, E: From<X>, X: Send + 'static> TakesError<X> for Collected<Result<T, Errors<E>>> {
    fn take(error: X, about: About<X>, function: &'static Function) -> Raised {
        Raised::to::<X, E>(error, about, function)
    }
}

/// Takes what `R` takes, where no lifetime can be hidden in its error: see invariant 3 of `raised`.
pub struct Static<R>(PhantomData<fn() -> R>);

/// A taker whose error is `'static`.
#[diagnostic::on_unimplemented(
    message = "the errors of discarded tasks must become a `'static` error in a function that returns a boxed future",
    note = "write an `async fn`, or keep the handle and look at its result"
)]
pub trait StaticError {}

impl StaticError for Reported {}
impl<T, E: 'static> StaticError for Result<T, E> {}
impl<T, E: 'static> StaticError for Collected<Result<T, Errors<E>>> {}

#[diagnostic::do_not_recommend]
impl<R: TakesError<X> + StaticError, X: Send + 'static> TakesError<X> for Static<R> {
    fn take(error: X, about: About<X>, function: &'static Function) -> Raised {
        R::take(error, about, function)
    }
}

/// [`TakesError::take`] of whoever takes the error.
type Take<X> = fn(X, About<X>, &'static Function) -> Raised;

/// The route of an output that is a `Result`. It names the taker no more, so it is `'static` whatever the taker borrows.
pub struct Errs<X> {
    take: Take<X>,
    about: About<X>,
    function: &'static Function,
}

impl<X> Clone for Errs<X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for Errs<X> {}

impl<X: Send + 'static> Errs<X> {
    fn new<R: TakesError<X>>(about: About<X>, function: &'static Function) -> Self {
        Self {
            take: R::take,
            about,
            function,
        }
    }
}

impl<T, X: Send + 'static> Route<Result<T, X>> for Errs<X> {
    fn route(self, output: Result<T, X>) -> Option<Raised> {
        let error = output.err()?;
        Some((self.take)(error, self.about, self.function))
    }
}

/// A question about a spawned future.
pub struct OfFuture<F>(PhantomData<fn() -> F>);

impl<F> OfFuture<F> {
    #[must_use]
    pub const fn new(_: &F) -> Self {
        Self(PhantomData)
    }
}

/// A question about a spawned closure.
pub struct OfCall<F>(PhantomData<fn() -> F>);

impl<F> OfCall<F> {
    #[must_use]
    pub const fn new(_: &F) -> Self {
        Self(PhantomData)
    }
}

/// A question about what a statement spawns by a method of this receiver.
pub struct OfStatement<S: ?Sized, A>(PhantomData<fn(&S) -> A>);

impl<S: ?Sized, A> OfStatement<S, A> {
    #[must_use]
    pub const fn new(_: &Receiver<S>, _: &Statement<A>) -> Self {
        Self(PhantomData)
    }
}

// Written out, and not by a macro: the compiler shows these lines to a user whose error is lost.

/// First of all, so that an output which nothing says anything of becomes what it would become anyway: the compiler's
/// fallback for a block that never ends is `()`.
pub trait Unit: Sized {
    fn __rejoin_route<R>(self, function: &'static Function) -> Plain;
    fn __rejoin_route_to<R>(self, function: &'static Function, _: PhantomData<R>) -> Plain {
        self.__rejoin_route::<R>(function)
    }
}

pub trait NeverErrs: Sized {
    fn __rejoin_route<R>(self, function: &'static Function) -> Plain;
    fn __rejoin_route_to<R>(self, function: &'static Function, _: PhantomData<R>) -> Plain {
        self.__rejoin_route::<R>(function)
    }
}

pub trait ErrsError<X: Send + 'static>: Sized {
    fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X>;
    fn __rejoin_route_to<R: TakesError<X>>(
        self,
        function: &'static Function,
        _: PhantomData<R>,
    ) -> Errs<X> {
        self.__rejoin_route::<R>(function)
    }
}

pub trait ErrsDisplay<X: Send + 'static>: Sized {
    fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X>;
    fn __rejoin_route_to<R: TakesError<X>>(
        self,
        function: &'static Function,
        _: PhantomData<R>,
    ) -> Errs<X> {
        self.__rejoin_route::<R>(function)
    }
}

pub trait ErrsDebug<X: Send + 'static>: Sized {
    fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X>;
    fn __rejoin_route_to<R: TakesError<X>>(
        self,
        function: &'static Function,
        _: PhantomData<R>,
    ) -> Errs<X> {
        self.__rejoin_route::<R>(function)
    }
}

pub trait ErrsOpaque<X: Send + 'static>: Sized {
    fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X>;
    fn __rejoin_route_to<R: TakesError<X>>(
        self,
        function: &'static Function,
        _: PhantomData<R>,
    ) -> Errs<X> {
        self.__rejoin_route::<R>(function)
    }
}

pub trait NoResult: Sized {
    fn __rejoin_route<R>(self, function: &'static Function) -> Plain;
    fn __rejoin_route_to<R>(self, function: &'static Function, _: PhantomData<R>) -> Plain {
        self.__rejoin_route::<R>(function)
    }
}

/// The answers to one kind of question: the bounds of an `F` that yields a `Result` without and with an error. Where a
/// receiver is asked about too, one without its bound spawns nothing that is looked at.
macro_rules! answers {
    ($question:ty $([$($bound:tt)*] [$($free:tt)*])?: $unit:path, $never:path, $errs:path) => {
        impl<$($($bound)*)? F: $unit> Unit for &&&&&&&$question {
            fn __rejoin_route<R>(self, _: &'static Function) -> Plain {
                Plain
            }
        }
        impl<$($($bound)*)? F: $never, T> NeverErrs for &&&&&&$question {
            fn __rejoin_route<R>(self, _: &'static Function) -> Plain {
                Plain
            }
        }
        impl<$($($bound)*)? F: $errs, T, X: Error + Send + 'static> ErrsError<X> for &&&&&$question {
            fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X> {
                Errs::new::<R>(About::error(), function)
            }
        }
        impl<$($($bound)*)? F: $errs, T, X: Display + Send + 'static> ErrsDisplay<X> for &&&&$question {
            fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X> {
                Errs::new::<R>(About::value(X::to_string), function)
            }
        }
        impl<$($($bound)*)? F: $errs, T, X: Debug + Send + 'static> ErrsDebug<X> for &&&$question {
            fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X> {
                Errs::new::<R>(About::value(|error| format!("{error:?}")), function)
            }
        }
        impl<$($($bound)*)? F: $errs, T, X: Send + 'static> ErrsOpaque<X> for &&$question {
            fn __rejoin_route<R: TakesError<X>>(self, function: &'static Function) -> Errs<X> {
                Errs::new::<R>(About::value(|_| std::any::type_name::<X>().to_owned()), function)
            }
        }
        impl<$($($free)*)? F> NoResult for &$question {
            fn __rejoin_route<R>(self, _: &'static Function) -> Plain {
                Plain
            }
        }
    };
}

answers!(OfFuture<F>: Future<Output = ()>, Future<Output = Result<T, Infallible>>, Future<Output = Result<T, X>>);
answers!(OfCall<F>: FnOnce(), FnOnce() -> Result<T, Infallible>, FnOnce() -> Result<T, X>);
answers!(
    OfStatement<S, F> [S: Forgets + ?Sized,] [S: ?Sized,]:
    Future<Output = ()>, Future<Output = Result<T, Infallible>>, Future<Output = Result<T, X>>
);

/// The taker of a function that collects, where no lifetime can be hidden in its error.
#[must_use]
pub const fn fixed<R>(_: PhantomData<R>) -> PhantomData<Static<R>> {
    PhantomData
}

/// The answer to `$question` in a function that returns `$taker`; `@collected` and `@fixed` stand before the return type of
/// one that collects, which is asked what it can take.
#[doc(hidden)]
#[macro_export]
macro_rules! __route {
    (@collected $output:ty, $function:expr, $question:expr) => {
        $crate::__route!(
            @to $function, $question, $crate::__collected_taker!($output)
        )
    };
    (@fixed $output:ty, $function:expr, $question:expr) => {
        $crate::__route!(
            @to $function, $question,
            $crate::__private::discard::fixed($crate::__collected_taker!($output))
        )
    };
    (@to $function:expr, $question:expr, $taker:expr) => {
        $crate::__route!(@ask $question, __rejoin_route_to($function, $taker))
    };
    (@ask $question:expr, $($answer:tt)*) => {{
        use $crate::__private::discard::{
            ErrsDebug as _, ErrsDisplay as _, ErrsError as _, ErrsOpaque as _, NeverErrs as _,
            NoResult as _, Unit as _,
        };
        (&&&&&&&$question).$($answer)*
    }};
    ($taker:ty, $function:expr, $question:expr) => {
        $crate::__route!(@ask $question, __rejoin_route::<$taker>($function))
    };
}

/// The route of the future that `$future` refers to.
#[doc(hidden)]
#[macro_export]
macro_rules! __discarded {
    ($(@$kind:ident)? $taker:ty, $function:expr, $future:expr) => {
        $crate::__route!(
            $(@$kind)? $taker, $function, $crate::__private::discard::OfFuture::new($future)
        )
    };
}

/// The route of the closure that `$call` refers to.
#[doc(hidden)]
#[macro_export]
macro_rules! __discarded_call {
    ($(@$kind:ident)? $taker:ty, $function:expr, $call:expr) => {
        $crate::__route!(
            $(@$kind)? $taker, $function, $crate::__private::discard::OfCall::new($call)
        )
    };
}

/// The route of what a statement spawns by a method of the receiver that `$receiver` is the question about.
#[doc(hidden)]
#[macro_export]
macro_rules! __discarded_statement {
    ($(@$kind:ident)? $taker:ty, $function:expr, $receiver:expr, $what:expr) => {
        $crate::__route!(
            $(@$kind)? $taker,
            $function,
            $crate::__private::discard::OfStatement::new($receiver, $what)
        )
    };
}
