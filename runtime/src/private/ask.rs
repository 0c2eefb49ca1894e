//! Questions about a discarded spawn: is its output a `Result`, and who takes its error?
//!
//! They are asked about the type in a [`Slot`], after the spawn, so that rustc has seen all that the user has written of it.
//! Autoref specialisation gives the answer, from the most particular to the least: nothing, an error that cannot be, one with
//! sources, one that can be displayed, one that can be debugged, any other, and no `Result` at all. The answer fills in the
//! route.
//!
//! Of an error type that nothing says anything of, each of the answers but the first might be right, and rustc takes the
//! first of them: [`Never`] has two implementations, so that it does not settle the type, and the user is told of the
//! missing annotation as without the macro.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use crate::error::{ByDebug, ByDisplay, ByError, ByType, ErasedError};
use crate::group::takes::TakesError;
use crate::slot::{Errs, Plain, Reported, Slot};

/// The question about an output.
#[derive(Debug)]
pub struct Ask<T>(PhantomData<fn() -> T>);

impl<T> Ask<T> {
    /// The question about the type in a slot.
    #[must_use]
    pub const fn new<R>(_: Slot<T, R>) -> Self {
        Self(PhantomData)
    }
}

/// The slot of a `Result` whose error the function takes, described as `D` does.
type TakenSlot<T, X, D> = Slot<Result<T, X>, Errs<X, D>>;

/// The slot of a `Result` whose error is reported.
type ReportedSlot<T, X, D> = Slot<Result<T, X>, Reported<X, D>>;

/// An error that cannot be.
pub trait Never {}

/// Nobody has one.
#[derive(Debug)]
pub enum Nobody {}

impl Never for Infallible {}
impl Never for Nobody {}

// Written out, and not by a macro: the compiler shows these lines to a user whose error is lost. The error is an associated
// type, because rustc would infer a parameter from the conversions that the function's error has.

/// First of all, so that an output which nothing says anything of becomes what it would become anyway: the compiler's
/// fallback for a block that never ends is `()`.
pub trait Unit<E>: Sized {
    fn __rejoin_convert<R>(self, _: Slot<(), Plain>, error: ErasedError) -> Result<E, ErasedError> {
        Err(error)
    }
    fn __rejoin_convert_as<R>(
        self,
        _: PhantomData<R>,
        _: Slot<(), Plain>,
        error: ErasedError,
    ) -> Result<E, ErasedError> {
        Err(error)
    }
    fn __rejoin_report(self, _: Slot<(), Plain>, _: PhantomData<E>) {}
}

impl<E> Unit<E> for &&&&&&&Ask<()> {}

pub trait NeverErrs<T, X: Never, E>: Sized {
    fn __rejoin_convert<R>(
        self,
        _: Slot<Result<T, X>, Plain>,
        error: ErasedError,
    ) -> Result<E, ErasedError> {
        Err(error)
    }
    fn __rejoin_convert_as<R>(
        self,
        _: PhantomData<R>,
        _: Slot<Result<T, X>, Plain>,
        error: ErasedError,
    ) -> Result<E, ErasedError> {
        Err(error)
    }
    fn __rejoin_report(self, _: Slot<Result<T, X>, Plain>, _: PhantomData<E>) {}
}

impl<T, X: Never, E> NeverErrs<T, X, E> for &&&&&&Ask<Result<T, X>> {}

pub trait ErrsError: Sized {
    type Value;
    type Error: Error + 'static;

    fn __rejoin_convert<R: TakesError<Self::Error>>(
        self,
        _: TakenSlot<Self::Value, Self::Error, ByError>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        error.downcast::<Self::Error, ByError>().map(R::take)
    }
    fn __rejoin_convert_as<R: TakesError<Self::Error>>(
        self,
        _: PhantomData<R>,
        slot: TakenSlot<Self::Value, Self::Error, ByError>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        self.__rejoin_convert::<R>(slot, error)
    }
    fn __rejoin_report(
        self,
        _: ReportedSlot<Self::Value, Self::Error, ByError>,
        _: PhantomData<()>,
    ) {
    }
}

impl<T, X: Error + 'static> ErrsError for &&&&&Ask<Result<T, X>> {
    type Value = T;
    type Error = X;
}

pub trait ErrsDisplay: Sized {
    type Value;
    type Error: Display + 'static;

    fn __rejoin_convert<R: TakesError<Self::Error>>(
        self,
        _: TakenSlot<Self::Value, Self::Error, ByDisplay>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        error.downcast::<Self::Error, ByDisplay>().map(R::take)
    }
    fn __rejoin_convert_as<R: TakesError<Self::Error>>(
        self,
        _: PhantomData<R>,
        slot: TakenSlot<Self::Value, Self::Error, ByDisplay>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        self.__rejoin_convert::<R>(slot, error)
    }
    fn __rejoin_report(
        self,
        _: ReportedSlot<Self::Value, Self::Error, ByDisplay>,
        _: PhantomData<()>,
    ) {
    }
}

impl<T, X: Display + 'static> ErrsDisplay for &&&&Ask<Result<T, X>> {
    type Value = T;
    type Error = X;
}

pub trait ErrsDebug: Sized {
    type Value;
    type Error: Debug + 'static;

    fn __rejoin_convert<R: TakesError<Self::Error>>(
        self,
        _: TakenSlot<Self::Value, Self::Error, ByDebug>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        error.downcast::<Self::Error, ByDebug>().map(R::take)
    }
    fn __rejoin_convert_as<R: TakesError<Self::Error>>(
        self,
        _: PhantomData<R>,
        slot: TakenSlot<Self::Value, Self::Error, ByDebug>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        self.__rejoin_convert::<R>(slot, error)
    }
    fn __rejoin_report(
        self,
        _: ReportedSlot<Self::Value, Self::Error, ByDebug>,
        _: PhantomData<()>,
    ) {
    }
}

impl<T, X: Debug + 'static> ErrsDebug for &&&Ask<Result<T, X>> {
    type Value = T;
    type Error = X;
}

pub trait ErrsOpaque: Sized {
    type Value;
    type Error: 'static;

    fn __rejoin_convert<R: TakesError<Self::Error>>(
        self,
        _: TakenSlot<Self::Value, Self::Error, ByType>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        error.downcast::<Self::Error, ByType>().map(R::take)
    }
    fn __rejoin_convert_as<R: TakesError<Self::Error>>(
        self,
        _: PhantomData<R>,
        slot: TakenSlot<Self::Value, Self::Error, ByType>,
        error: ErasedError,
    ) -> Result<R::Error, ErasedError> {
        self.__rejoin_convert::<R>(slot, error)
    }
    fn __rejoin_report(
        self,
        _: ReportedSlot<Self::Value, Self::Error, ByType>,
        _: PhantomData<()>,
    ) {
    }
}

impl<T, X: 'static> ErrsOpaque for &&Ask<Result<T, X>> {
    type Value = T;
    type Error = X;
}

pub trait NoResult<T, E>: Sized {
    fn __rejoin_convert<R>(self, _: Slot<T, Plain>, error: ErasedError) -> Result<E, ErasedError> {
        Err(error)
    }
    fn __rejoin_convert_as<R>(
        self,
        _: PhantomData<R>,
        _: Slot<T, Plain>,
        error: ErasedError,
    ) -> Result<E, ErasedError> {
        Err(error)
    }
    fn __rejoin_report(self, _: Slot<T, Plain>, _: PhantomData<E>) {}
}

impl<T, E> NoResult<T, E> for &Ask<T> {}

/// The error of a task as a function that returns `$returns` takes it; `Err` with the error itself where that is not of the
/// slot's type. Before the return type of a function that collects stands `@collected`.
#[doc(hidden)]
#[macro_export]
macro_rules! __convert {
    (@collected $returns:ty, $slot:expr, $error:expr) => {{
        use $crate::__private::shape::{Collects as _, CollectsNot as _};
        let __returns = (&&$crate::__private::shape::Returned::<$returns>::new()).__rejoin_taker();
        $crate::__ask!($slot, __rejoin_convert_as(__returns, $slot, $error))
    }};
    ($returns:ty, $slot:expr, $error:expr) => {
        $crate::__ask!($slot, __rejoin_convert::<$returns>($slot, $error))
    };
}

/// Settles the type in a slot of which nobody takes the error: it is reported.
#[doc(hidden)]
#[macro_export]
macro_rules! __reported {
    ($slot:expr) => {
        $crate::__ask!(
            $slot,
            __rejoin_report($slot, ::core::marker::PhantomData::<()>)
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ask {
    ($slot:expr, $($answer:tt)*) => {{
        use $crate::__private::ask::{
            ErrsDebug as _, ErrsDisplay as _, ErrsError as _, ErrsOpaque as _, NeverErrs as _,
            NoResult as _, Unit as _,
        };
        (&&&&&&&$crate::__private::ask::Ask::new($slot)).$($answer)*
    }};
}
