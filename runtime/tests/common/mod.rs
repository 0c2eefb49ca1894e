//! What the tests of groups share: groups and spawns as the attributes expand to, an error type, and a log of reports.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    unused_macros,
    reason = "each test file uses a part of it"
)]

pub mod log;

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rejoin::{CancelCause, Cancelled, DeadlineExceeded, PanicError};

pub use rejoin::__private::{ErasedError, GroupId, Options, Site, Slot, plain};

/// A group as `#[task_group]` opens it: `group!(FUNCTION -> Type, options, async move { … })`. The function takes errors that
/// are texts, if its own can be made of one.
macro_rules! group {
    (@ $function:ident, $returns:ty, $options:expr, $body:expr, $convert:expr) => {
        rejoin::__private::task_group(
            &$function,
            $options,
            $crate::common::returns::<$returns, _>($body),
            |body| rejoin::__private::shape!(body),
            $convert,
        )
    };
    ($function:ident -> $returns:ty, $options:expr, $body:expr) => {
        $crate::common::group!(
            @ $function, $returns, $options, $body, $crate::common::takes!($returns)
        )
    };
    ($function:ident -> $returns:ty, $body:expr) => {
        $crate::common::group!($function -> $returns, rejoin::__private::Options::new(), $body)
    };
    ($function:ident, $options:expr, $body:expr) => {
        $crate::common::group!(@ $function, _, $options, $body, |_, error| Err(error))
    };
    ($function:ident, $body:expr) => {
        $crate::common::group!($function, rejoin::__private::Options::new(), $body)
    };
}

/// The conversion of a function that returns this type.
macro_rules! takes {
    ($returns:ty) => {
        |_, error| {
            #[allow(unused_imports, reason = "one of the two answers")]
            use $crate::common::{TakesNothing as _, TakesText as _};
            (&&$crate::common::Taker::<$returns>::new()).take(error)
        }
    };
}

/// Whether a function that returns `R` takes a text as an error.
pub struct Taker<R>(PhantomData<R>);

impl<R> Taker<R> {
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

pub trait TakesText<E> {
    fn take(self, error: ErasedError) -> Result<E, ErasedError>;
}

impl<T, E: From<&'static str>> TakesText<E> for &&Taker<Result<T, E>> {
    fn take(self, error: ErasedError) -> Result<E, ErasedError> {
        text_as(error)
    }
}

pub trait TakesNothing<E> {
    fn take(self, error: ErasedError) -> Result<E, ErasedError>;
}

impl<R, E> TakesNothing<E> for &Taker<R> {
    fn take(self, error: ErasedError) -> Result<E, ErasedError> {
        Err(error)
    }
}

/// A text that a task has failed with, as the function's error.
pub fn text_as<E: From<&'static str>>(error: ErasedError) -> Result<E, ErasedError> {
    let slot: Slot<Result<(), &'static str>, _> = Slot::new();
    rejoin::__private::convert!(Result<(), E>, slot, error)
}

/// The inference edge of an expansion: says what a body returns.
pub fn returns<R, B: Future<Output = R>>(body: B) -> B {
    body
}

/// A group with `on_failure = "collect"`, whose body returns `$returns`.
macro_rules! collecting {
    ($function:ident -> $returns:ty, $options:expr, $body:expr) => {
        rejoin::__private::task_group(
            &$function,
            $options.collect(),
            $crate::common::returns::<$returns, _>($body),
            |body| rejoin::__private::shape::Collecting::from(rejoin::__private::shape!(body)),
            $crate::common::takes!($returns),
        )
    };
}

/// A discarded spawn of a future without an error.
macro_rules! launch {
    ($name:literal, $future:expr) => {
        rejoin::__private::launch(
            const { &rejoin::__private::Site::new($name) },
            rejoin::__private::plain(),
            $future,
        )
    };
    ($future:expr) => {
        $crate::common::launch!("task", $future)
    };
}

/// A discarded spawn in a function, by its only slot.
macro_rules! launch_in {
    ($function:expr, $future:expr) => {{
        let slot: rejoin::__private::Slot<_, _> = rejoin::__private::Slot::new();
        rejoin::__private::launch(
            const { &rejoin::__private::Site::in_group("task", &$function, 0) },
            slot,
            $future,
        );
        $crate::common::taken!(slot);
    }};
}

/// Settles the type in a slot whose error the function takes; the conversion is written elsewhere.
macro_rules! taken {
    ($slot:expr) => {
        let _ = |error| rejoin::__private::convert!($crate::common::TakesAll, $slot, error);
    };
}

/// Returned by a function that takes errors of any type.
pub struct TakesAll;

impl<X> rejoin::__private::TakesError<X> for TakesAll {
    type Error = ();

    fn take(_: X) {}
}

/// A discarded spawn in a function that takes no errors.
macro_rules! launch_nowhere {
    ($future:expr) => {{
        let slot: rejoin::__private::Slot<_, _> = rejoin::__private::Slot::new();
        rejoin::__private::launch(
            const { &rejoin::__private::Site::new("task") },
            slot,
            $future,
        );
        rejoin::__private::reported!(slot);
    }};
}

/// A discarded spawn of a blocking closure.
macro_rules! launch_blocking {
    ($name:literal, $closure:expr) => {
        rejoin::__private::launch_blocking(
            const { &rejoin::__private::Site::new($name) },
            rejoin::__private::plain(),
            $closure,
        )
    };
}

/// A held spawn under a name.
macro_rules! spawn {
    ($name:literal, $future:expr) => {
        rejoin::__private::spawn(const { &rejoin::__private::Site::new($name) }, $future)
    };
}

pub(crate) use {
    collecting, group, launch, launch_blocking, launch_in, launch_nowhere, spawn, taken, takes,
};

/// The error of a function that can say everything.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    Text(&'static str),
    Panic(String),
    Cancelled(CancelCause),
    Deadline(Duration),
}

impl From<&'static str> for Error {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}
impl From<PanicError> for Error {
    fn from(panic: PanicError) -> Self {
        Self::Panic(panic.message().to_owned())
    }
}
impl From<Cancelled> for Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled.cause().clone())
    }
}
impl From<DeadlineExceeded> for Error {
    fn from(exceeded: DeadlineExceeded) -> Self {
        Self::Deadline(exceeded.after())
    }
}

/// The error of a function that can say only what its tasks say.
#[derive(Debug, PartialEq, Eq)]
pub struct Narrow(pub &'static str);

impl From<&'static str> for Narrow {
    fn from(text: &'static str) -> Self {
        Self(text)
    }
}

/// Calls a closure when it is dropped.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// How many of its guards are alive, how many were at most, and how many there have been.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<[AtomicUsize; 3]>);

impl Gauge {
    pub fn enter(&self) -> impl Send + use<> {
        let now = self.0[0].fetch_add(1, Ordering::SeqCst) + 1;
        self.0[1].fetch_max(now, Ordering::SeqCst);
        self.0[2].fetch_add(1, Ordering::SeqCst);
        let gauge = self.clone();
        OnDrop(move || {
            gauge.0[0].fetch_sub(1, Ordering::SeqCst);
        })
    }
    pub fn now(&self) -> usize {
        self.0[0].load(Ordering::SeqCst)
    }
    pub fn most(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
    pub fn all(&self) -> usize {
        self.0[2].load(Ordering::SeqCst)
    }
}

/// Something that panics when it is dropped.
pub struct Bomb(pub &'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        std::panic::panic_any(self.0);
    }
}

/// Lets every task that can go on do so, on a current-thread runtime.
pub async fn settle() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

/// The names of tasks alive anywhere, of those whose path contains `part`.
pub fn live(part: &str) -> Vec<String> {
    let mut names: Vec<_> = rejoin::root()
        .live()
        .iter()
        .map(|task| task.path().to_owned())
        .filter(|path| path.contains(part))
        .collect();
    names.sort();
    names
}

/// What a future panics with, as text.
pub async fn panic_of<T: std::fmt::Debug>(future: impl Future<Output = T>) -> String {
    use futures::FutureExt as _;
    let payload = std::panic::AssertUnwindSafe(future)
        .catch_unwind()
        .await
        .unwrap_err();
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .expect("a payload of text")
}

/// As [`settle`], for tasks on other threads: a time that is long enough to notice that something goes wrong, and that
/// no passing test depends on.
pub async fn settle_for(time: Duration) {
    let until = std::time::Instant::now() + time;
    while std::time::Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

/// A future that panics.
pub fn panics(text: &'static str) -> impl Future<Output = ()> + Send {
    std::future::poll_fn(move |_| panic!("{text}"))
}

/// Drops something on another thread: what it wakes must not end in the private queue of a worker that is then blocked.
pub fn elsewhere<T: Send + 'static>(value: T) {
    std::thread::spawn(move || drop(value)).join().unwrap();
}
