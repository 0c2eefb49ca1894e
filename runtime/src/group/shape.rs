//! What a group's body returns, and which failures its function can express.
//!
//! A macro sees tokens: whether `-> Answer` is a `Result`, and whether its error has a `From<PanicError>`, only the
//! compiler knows. It is asked by autoref specialisation on the body's future: of several methods of one name it takes
//! the one with the most references whose bounds hold.

use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::marker::PhantomData;

use super::takes::{Collected, Refused};
use crate::cause::{Cancelled, DeadlineExceeded};
use crate::errors::Errors;
use crate::panic::PanicError;

/// How an outcome of type `O` splits into value and error, and what the function can make of other failures.
pub trait Shape<O> {
    /// The body's success.
    type Value;
    /// The error that the function's failures become.
    type Error;
    /// What the function returns.
    type Output;

    /// The body's own outcome.
    ///
    /// # Errors
    ///
    /// The body's error.
    fn split(output: O) -> Result<Self::Value, Self::Error>;
    /// What the function returns for the errors of a group, none or several.
    fn output(outcome: Result<Self::Value, Vec<Self::Error>>) -> Self::Output;
    /// How a panic becomes an error, where it can.
    fn panic(&self) -> Option<fn(PanicError) -> Self::Error>;
    /// How a cancellation from outside becomes an error, where it can.
    fn cancelled(&self) -> Option<fn(Cancelled) -> Self::Error>;
    /// How a missed deadline becomes an error, where it can.
    fn deadline(&self) -> Option<fn(DeadlineExceeded) -> Self::Error>;
    /// The text of an error that loses to another, where it has one.
    fn describe(&self) -> Option<fn(&Self::Error) -> String>;
}

/// The body returns no `Result`.
#[derive(Clone, Copy, Debug)]
pub struct Unfailing;

impl<O> Shape<O> for Unfailing {
    type Value = O;
    type Error = Infallible;
    type Output = O;

    fn split(output: O) -> Result<O, Infallible> {
        Ok(output)
    }
    fn output(outcome: Result<O, Vec<Infallible>>) -> O {
        match outcome {
            Ok(output) => output,
            Err(none) => match none.into_iter().next() {
                Some(never) => match never {},
                None => unreachable!("a function without an error type fails by unwinding"),
            },
        }
    }
    fn panic(&self) -> Option<fn(PanicError) -> Infallible> {
        None
    }
    fn cancelled(&self) -> Option<fn(Cancelled) -> Infallible> {
        None
    }
    fn deadline(&self) -> Option<fn(DeadlineExceeded) -> Infallible> {
        None
    }
    fn describe(&self) -> Option<fn(&Infallible) -> String> {
        None
    }
}

/// The body returns a `Result`.
#[derive(Debug)]
pub struct Fallible<E> {
    panic: Option<fn(PanicError) -> E>,
    cancelled: Option<fn(Cancelled) -> E>,
    deadline: Option<fn(DeadlineExceeded) -> E>,
    describe: Option<fn(&E) -> String>,
}

/// The body returns a `Result<T, E>`, the function a `Result<T, Errors<E>>`.
#[derive(Debug)]
pub struct Collecting<E>(Fallible<E>);

impl<E> Collecting<E> {
    /// The shape of a group that collects, from that of one that does not.
    #[must_use]
    pub fn from(shape: Fallible<E>) -> Self {
        Self(shape)
    }
}

macro_rules! conversions {
    ($($path:tt)+) => {
        fn split(output: Result<T, E>) -> Result<T, E> {
            output
        }
        fn panic(&self) -> Option<fn(PanicError) -> E> {
            self.$($path)+.panic
        }
        fn cancelled(&self) -> Option<fn(Cancelled) -> E> {
            self.$($path)+.cancelled
        }
        fn deadline(&self) -> Option<fn(DeadlineExceeded) -> E> {
            self.$($path)+.deadline
        }
        fn describe(&self) -> Option<fn(&E) -> String> {
            self.$($path)+.describe
        }
    };
}

impl<E> Fallible<E> {
    const fn this(&self) -> &Self {
        self
    }
}

impl<T, E> Shape<Result<T, E>> for Fallible<E> {
    type Value = T;
    type Error = E;
    type Output = Result<T, E>;

    fn output(outcome: Result<T, Vec<E>>) -> Result<T, E> {
        outcome.map_err(|errors| match errors.into_iter().next() {
            Some(error) => error,
            None => unreachable!("a failure without an error unwinds"),
        })
    }
    conversions!(this());
}

impl<T, E> Shape<Result<T, E>> for Collecting<E> {
    type Value = T;
    type Error = E;
    type Output = Result<T, Errors<E>>;

    fn output(outcome: Result<T, Vec<E>>) -> Result<T, Errors<E>> {
        outcome.map_err(Errors::new)
    }
    conversions!(0);
}

/// A question about a body's type.
#[derive(Debug)]
pub struct Body<B>(PhantomData<fn() -> B>);

impl<B> Body<B> {
    /// The question about the type of `body`.
    #[must_use]
    pub const fn new(_body: &B) -> Self {
        Self(PhantomData)
    }
}

/// Three traits with a method of one name: an error with the conversion, an error without it, no error.
macro_rules! conversion {
    ($method:ident: $with:ident, $without:ident, $unfailing:ident, $from:ty) => {
        #[doc(hidden)]
        pub trait $with<E> {
            fn $method(self) -> Option<fn($from) -> E>;
        }
        impl<B, T, E> $with<E> for &&&Body<B>
        where
            B: Future<Output = Result<T, E>>,
            E: From<$from>,
        {
            fn $method(self) -> Option<fn($from) -> E> {
                Some(E::from)
            }
        }
        #[doc(hidden)]
        pub trait $without<E> {
            fn $method(self) -> Option<fn($from) -> E>;
        }
        impl<B, T, E> $without<E> for &&Body<B>
        where
            B: Future<Output = Result<T, E>>,
        {
            fn $method(self) -> Option<fn($from) -> E> {
                None
            }
        }
        #[doc(hidden)]
        pub trait $unfailing {
            fn $method(self);
        }
        impl<B> $unfailing for &Body<B> {
            fn $method(self) {}
        }
    };
}

conversion!(__rejoin_panics: PanicIsError, PanicUnwinds, PanicPlain, PanicError);
conversion!(__rejoin_cancels: CancelIsError, CancelIsSeen, CancelPlain, Cancelled);
conversion!(__rejoin_deadlines: DeadlineIsError, DeadlineIsCancel, DeadlinePlain, DeadlineExceeded);

#[doc(hidden)]
pub trait DescribeByDisplay<E> {
    fn __rejoin_describes(self) -> Option<fn(&E) -> String>;
}
impl<B, T, E> DescribeByDisplay<E> for &&&&Body<B>
where
    B: Future<Output = Result<T, E>>,
    E: Display,
{
    fn __rejoin_describes(self) -> Option<fn(&E) -> String> {
        Some(E::to_string)
    }
}

#[doc(hidden)]
pub trait DescribeByDebug<E> {
    fn __rejoin_describes(self) -> Option<fn(&E) -> String>;
}
impl<B, T, E> DescribeByDebug<E> for &&&Body<B>
where
    B: Future<Output = Result<T, E>>,
    E: Debug,
{
    fn __rejoin_describes(self) -> Option<fn(&E) -> String> {
        Some(|error| format!("{error:?}"))
    }
}

#[doc(hidden)]
pub trait DescribeNot<E> {
    fn __rejoin_describes(self) -> Option<fn(&E) -> String>;
}
impl<B, T, E> DescribeNot<E> for &&Body<B>
where
    B: Future<Output = Result<T, E>>,
{
    fn __rejoin_describes(self) -> Option<fn(&E) -> String> {
        Some(|_| std::any::type_name::<E>().to_owned())
    }
}

#[doc(hidden)]
pub trait DescribePlain {
    fn __rejoin_describes(self);
}
impl<B> DescribePlain for &Body<B> {
    fn __rejoin_describes(self) {}
}

#[doc(hidden)]
pub trait ShapeOfResult<E> {
    fn __rejoin_shape(
        self,
        panic: Option<fn(PanicError) -> E>,
        cancelled: Option<fn(Cancelled) -> E>,
        deadline: Option<fn(DeadlineExceeded) -> E>,
        describe: Option<fn(&E) -> String>,
    ) -> Fallible<E>;
}
impl<B, T, E> ShapeOfResult<E> for &&Body<B>
where
    B: Future<Output = Result<T, E>>,
{
    fn __rejoin_shape(
        self,
        panic: Option<fn(PanicError) -> E>,
        cancelled: Option<fn(Cancelled) -> E>,
        deadline: Option<fn(DeadlineExceeded) -> E>,
        describe: Option<fn(&E) -> String>,
    ) -> Fallible<E> {
        Fallible {
            panic,
            cancelled,
            deadline,
            describe,
        }
    }
}

#[doc(hidden)]
pub trait ShapeOfValue {
    fn __rejoin_shape(self, panic: (), cancelled: (), deadline: (), describe: ()) -> Unfailing;
}
impl<B> ShapeOfValue for &Body<B> {
    fn __rejoin_shape(self, (): (), (): (), (): (), (): ()) -> Unfailing {
        Unfailing
    }
}

/// The shape of the body that `$body` is a reference to.
#[doc(hidden)]
#[macro_export]
macro_rules! __shape {
    ($body:expr) => {{
        use $crate::__private::shape::{
            CancelIsError as _, CancelIsSeen as _, CancelPlain as _, DeadlineIsCancel as _,
            DeadlineIsError as _, DeadlinePlain as _, DescribeByDebug as _, DescribeByDisplay as _,
            DescribeNot as _, DescribePlain as _, PanicIsError as _, PanicPlain as _,
            PanicUnwinds as _, ShapeOfResult as _, ShapeOfValue as _,
        };
        let __rejoin_body = $crate::__private::shape::Body::new($body);
        (&&__rejoin_body).__rejoin_shape(
            (&&&__rejoin_body).__rejoin_panics(),
            (&&&__rejoin_body).__rejoin_cancels(),
            (&&&__rejoin_body).__rejoin_deadlines(),
            (&&&&__rejoin_body).__rejoin_describes(),
        )
    }};
}

/// The return type of a function that collects.
#[diagnostic::on_unimplemented(
    message = "`on_failure = \"collect\"` returns every error of the group, and `{Self}` cannot hold them",
    label = "must be `Result<T, rejoin::Errors<E>>`",
    note = "write `-> Result<T, rejoin::Errors<E>>`; inside the body `?` takes an `E`"
)]
pub trait CollectedReturn {}

#[diagnostic::do_not_recommend]
impl<T, E> CollectedReturn for Result<T, Errors<E>> {}

/// Compiles only where the function can return every error of its group.
pub const fn require_collected<R: CollectedReturn>() {}

/// A question about the return type of a function that collects. It has an answer for a wrong one too, as if the group did
/// not collect: so that nothing is said of it but that it is wrong.
#[derive(Debug)]
pub struct Returned<R>(PhantomData<fn() -> R>);

impl<R> Returned<R> {
    /// The question about `R`.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only expansions ask")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

#[doc(hidden)]
pub trait Collects<T, E> {
    fn __rejoin_body(self) -> PhantomData<Result<T, E>>;
    fn __rejoin_collecting(self, shape: Fallible<E>) -> Collecting<E>;
    fn __rejoin_taker(self) -> PhantomData<Collected<Result<T, Errors<E>>>>;
}
impl<T, E> Collects<T, E> for &&Returned<Result<T, Errors<E>>> {
    fn __rejoin_body(self) -> PhantomData<Result<T, E>> {
        PhantomData
    }
    fn __rejoin_collecting(self, shape: Fallible<E>) -> Collecting<E> {
        Collecting::from(shape)
    }
    fn __rejoin_taker(self) -> PhantomData<Collected<Result<T, Errors<E>>>> {
        PhantomData
    }
}

#[doc(hidden)]
pub trait CollectsNot<R> {
    fn __rejoin_body(self) -> PhantomData<R>;
    fn __rejoin_collecting<S>(self, shape: S) -> S;
    fn __rejoin_taker<E>(self) -> PhantomData<Refused<E>>;
}
impl<R> CollectsNot<R> for &Returned<R> {
    fn __rejoin_body(self) -> PhantomData<R> {
        PhantomData
    }
    fn __rejoin_collecting<S>(self, shape: S) -> S {
        shape
    }
    fn __rejoin_taker<E>(self) -> PhantomData<Refused<E>> {
        PhantomData
    }
}

/// A value of the type that is asked about, in code that does not run.
///
/// # Panics
///
/// Always.
#[must_use]
pub fn never<T>(_: PhantomData<T>) -> T {
    unreachable!("this is for the compiler alone")
}

/// A value of the type that the body yields in a function that collects and returns `$output`; it is never made.
#[doc(hidden)]
#[macro_export]
macro_rules! __collected_body {
    ($output:ty) => {{
        use $crate::__private::shape::{Collects as _, CollectsNot as _};
        $crate::__private::shape::never(
            (&&$crate::__private::shape::Returned::<$output>::new()).__rejoin_body(),
        )
    }};
}

/// The shape of a group that collects, from that of one that does not.
#[doc(hidden)]
#[macro_export]
macro_rules! __collecting {
    ($output:ty, $shape:expr) => {{
        use $crate::__private::shape::{Collects as _, CollectsNot as _};
        (&&$crate::__private::shape::Returned::<$output>::new()).__rejoin_collecting($shape)
    }};
}

/// A return type that can say that a deadline has passed.
#[diagnostic::on_unimplemented(
    message = "a task group with a deadline must be able to return that it has passed, and `{Self}` cannot",
    label = "needs `Result<T, E>` with `E: From<rejoin::DeadlineExceeded>`",
    note = "return a `Result` whose error has an `impl From<rejoin::DeadlineExceeded>`: `std::io::Error`, `Box<dyn Error + Send + Sync>` and `anyhow::Error` do"
)]
pub trait TakesDeadline {}

#[diagnostic::do_not_recommend]
impl<T, E: From<DeadlineExceeded>> TakesDeadline for Result<T, E> {}

/// Compiles only where the function can return that its deadline has passed.
pub const fn require_deadline<R: TakesDeadline>() {}
