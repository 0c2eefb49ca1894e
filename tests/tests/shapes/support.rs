//! The helper that compiles a shape twice, and what the shapes share.

pub use std::fmt::{Debug, Display};
pub use std::future::Future;
pub use std::pin::Pin;
pub use std::sync::atomic::{AtomicUsize, Ordering};
pub use std::sync::{Arc, Mutex};
pub use std::time::Duration;

/// Emits the parts of a shape once as they are, in the module `bare`, and once under each of the attributes named:
///
/// - `unwind`: `#[guarded(on_panic = "unwind")]`
/// - `recover`: `#[guarded]`
/// - `or`: `#[guarded(or = Default::default())]`
/// - `group`: `#[task_group]`
/// - `isolate`: `#[task_group(on_failure = "isolate")]`
/// - `limit`: `#[task_group(limit = 2)]`
///
/// The parts of a shape: `own { … }` is emitted as it is in each half, `item { … }` with the attribute in front of it.
/// `methods (impl X) { { … } [ … ] }` is an `impl` or a `trait` with the attribute in front of each function in braces.
/// A `plain { … }` function is not `async`, so the groups leave it out; so do they with one in `( … )` among methods.
macro_rules! shape {
    ($(#[doc = $doc:literal])* $name:ident: $($kind:ident)+ => $parts:tt run $run:tt) => {
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            shape! { @half bare $parts }
            $(shape! { @half $kind $parts })+

            #[tokio::test]
            async fn keeps_its_types_and_its_result() {
                let set = tokio::task::LocalSet::new();
                set.run_until(async {
                    let expected = { use bare::*; async $run.await };
                    $({
                        let twin = { use $kind::*; async $run.await };
                        $crate::support::assert_same(stringify!($kind), &expected, &twin);
                    })+
                })
                .await;
            }
        }
    };

    (@half bare $parts:tt) => { shape! { @module bare [] [] $parts } };
    (@half unwind $parts:tt) => { shape! { @module unwind [#[::rejoin::guarded(on_panic = "unwind")]] [#[::rejoin::guarded(on_panic = "unwind")]] $parts } };
    (@half recover $parts:tt) => { shape! { @module recover [#[::rejoin::guarded]] [#[::rejoin::guarded]] $parts } };
    (@half or $parts:tt) => { shape! { @module or [#[::rejoin::guarded(or = Default::default())]] [#[::rejoin::guarded(or = Default::default())]] $parts } };
    (@half group $parts:tt) => { shape! { @module group [#[::rejoin::task_group]] [] $parts } };
    (@half isolate $parts:tt) => { shape! { @module isolate [#[::rejoin::task_group(on_failure = "isolate")]] [] $parts } };
    (@half limit $parts:tt) => { shape! { @module limit [#[::rejoin::task_group(limit = 2)]] [] $parts } };
    (@module $name:ident $attr:tt $plain:tt { $($parts:tt)* }) => {
        mod $name {
            use super::*;
            shape! { @parts $attr $plain $($parts)* }
        }
    };

    (@parts $attr:tt $plain:tt) => {};
    (@parts $attr:tt $plain:tt own { $($own:tt)* } $($rest:tt)*) => {
        $($own)*
        shape! { @parts $attr $plain $($rest)* }
    };
    (@parts [$($attr:tt)*] $plain:tt item { $($item:tt)* } $($rest:tt)*) => {
        $($attr)*
        $($item)*
        shape! { @parts [$($attr)*] $plain $($rest)* }
    };
    (@parts $attr:tt [$($plain:tt)*] plain { $($item:tt)* } $($rest:tt)*) => {
        $($plain)*
        $($item)*
        shape! { @parts $attr [$($plain)*] $($rest)* }
    };
    (@parts $attr:tt $plain:tt methods ($($header:tt)*) { $($methods:tt)* } $($rest:tt)*) => {
        shape! { @methods $attr $plain ($($header)*) {} $($methods)* }
        shape! { @parts $attr $plain $($rest)* }
    };
    (@methods $attr:tt $plain:tt ($($header:tt)*) { $($done:tt)* }) => {
        $($header)* { $($done)* }
    };
    (@methods $attr:tt $plain:tt $header:tt { $($done:tt)* } [ $($own:tt)* ] $($rest:tt)*) => {
        shape! { @methods $attr $plain $header { $($done)* $($own)* } $($rest)* }
    };
    (@methods [$($attr:tt)*] $plain:tt $header:tt { $($done:tt)* } { $($method:tt)* } $($rest:tt)*) => {
        shape! { @methods [$($attr)*] $plain $header { $($done)* $($attr)* $($method)* } $($rest)* }
    };
    (@methods $attr:tt [$($plain:tt)*] $header:tt { $($done:tt)* } ( $($method:tt)* ) $($rest:tt)*) => {
        shape! { @methods $attr [$($plain)*] $header { $($done)* $($plain)* $($method)* } $($rest)* }
    };
}

/// Compares what a shape gave bare and under an attribute; one `T`, so their types are the same.
pub fn assert_same<T: PartialEq + Debug>(attribute: &str, bare: &T, twin: &T) {
    assert_eq!(bare, twin, "the result under `{attribute}`");
}

/// The name of a value's type.
pub fn kind<T: ?Sized>(value: &T) -> &'static str {
    std::any::type_name_of_val(value)
}

/// Passes on only what may be sent to another thread: the attribute must not take that away.
pub fn sendable<T: Send>(value: T) -> T {
    value
}

/// Does nothing, but gives way to other tasks once.
pub async fn pause() {
    tokio::task::yield_now().await;
}

/// Gives way until the count is reached: how a shape waits for tasks whose handles it has dropped.
pub async fn reaches(counter: &AtomicUsize, count: usize) -> usize {
    while counter.load(Ordering::SeqCst) < count {
        pause().await;
    }
    counter.load(Ordering::SeqCst)
}

/// A count that tasks share.
pub fn counter() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

/// Counts one.
pub fn tick(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::SeqCst);
}

/// An error that takes panics and the errors that the shapes meet.
#[derive(Debug, PartialEq, Eq, Clone, Default)]
pub struct Failure(pub String);

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

macro_rules! takes {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })+
    };
}

takes!(
    rejoin::PanicError,
    std::num::ParseIntError,
    std::io::Error,
    tokio::task::JoinError,
    std::fmt::Error
);

/// The error type of most services.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
