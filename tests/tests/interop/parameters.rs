//! Parameters are inside of the guard, whether the body mentions them or not.

#![allow(
    clippy::manual_assert,
    clippy::used_underscore_binding,
    reason = "parameters and panics of every form"
)]

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};

use ::tracing::field::{Field, Visit};
use ::tracing::instrument;
use ::tracing::span::Attributes;
use ::tracing_subscriber::Layer;
use ::tracing_subscriber::layer::{Context, SubscriberExt};
use ::tracing_subscriber::util::SubscriberInitExt;

use super::Failure;

/// Its destructor panics.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("in a destructor");
        }
    }
}

mod poison {
    use super::*;

    #[rejoin::guarded]
    fn plain(_held: MutexGuard<'_, u32>) {
        panic!("holds the lock");
    }
    #[rejoin::guarded]
    fn unnamed(_: MutexGuard<'_, u32>) {
        panic!("holds the lock");
    }
    #[rejoin::guarded]
    fn in_a_pattern((_held, _): (MutexGuard<'_, u32>, u8)) {
        panic!("holds the lock");
    }
    #[rejoin::guarded]
    async fn asynchronous(_held: MutexGuard<'_, u32>) {
        panic!("holds the lock");
    }
    #[rejoin::guarded]
    #[instrument(skip_all)]
    async fn instrumented(_held: MutexGuard<'_, u32>, _: u8) {
        panic!("holds the lock");
    }
    #[rejoin::guarded]
    #[instrument(skip_all)]
    fn unnamed_and_instrumented(_: MutexGuard<'_, u32>) {
        panic!("holds the lock");
    }
    #[rejoin::task_group(on_panic = "recover")]
    async fn grouped(_: MutexGuard<'_, u32>) {
        panic!("holds the lock");
    }
    #[rejoin::guarded]
    fn returned(_held: MutexGuard<'_, u32>) -> impl Future<Output = ()> + use<> {
        if true {
            panic!("holds the lock");
        }
        async {}
    }
    struct Owner<'a>(#[expect(dead_code, reason = "it is held")] MutexGuard<'a, u32>);
    impl Owner<'_> {
        #[rejoin::guarded]
        fn by_value(self) {
            panic!("holds the lock");
        }
        #[rejoin::guarded]
        #[must_use = "as an example"]
        async fn by_value_async(self) -> Result<(), Failure> {
            panic!("holds the lock");
        }
    }

    #[::tokio::test]
    async fn a_lock_that_a_parameter_holds_is_poisoned() {
        let locks: [Mutex<u32>; 10] = Default::default();
        let held = |index: usize| locks[index].lock().unwrap();
        plain(held(0));
        unnamed(held(1));
        in_a_pattern((held(2), 1));
        asynchronous(held(3)).await;
        instrumented(held(4), 1).await;
        unnamed_and_instrumented(held(5));
        grouped(held(6)).await;
        returned(held(7)).await;
        Owner(held(8)).by_value();
        assert!(Owner(held(9)).by_value_async().await.is_err());
        for (index, lock) in locks.iter().enumerate() {
            assert!(lock.is_poisoned(), "{index}");
        }
    }
}

mod destructors {
    use super::*;

    #[rejoin::guarded]
    fn plain(_b: Bomb) -> Result<u8, Failure> {
        Ok(1)
    }
    #[rejoin::guarded]
    fn unnamed(_: Bomb) -> Result<u8, Failure> {
        Ok(1)
    }
    #[rejoin::guarded]
    async fn asynchronous(_: u8, _b: Bomb) -> Result<u8, Failure> {
        Ok(1)
    }
    #[rejoin::guarded]
    #[instrument]
    async fn instrumented(_b: Bomb, _: Bomb) -> Result<u8, Failure> {
        Ok(1)
    }
    #[instrument]
    #[rejoin::guarded]
    async fn below(_b: Bomb) -> Result<u8, Failure> {
        Ok(1)
    }
    #[rejoin::task_group]
    async fn grouped(_b: Bomb) -> Result<u8, Failure> {
        Ok(1)
    }
    #[rejoin::guarded]
    #[must_use = "it may have failed"]
    async fn must_use((_b, ..): (Bomb, u8)) -> Result<u8, Failure> {
        Ok(1)
    }
    impl Bomb {
        #[rejoin::guarded]
        fn by_value(self, #[cfg(any())] _gone: Bomb) -> Result<u8, Failure> {
            Ok(1)
        }
    }
    /// What the value after a panic needs, and the body does not, stays where both see it.
    #[rejoin::guarded(or = fallback.len())]
    fn with_a_value(_b: Bomb, fallback: String) -> usize {
        0
    }
    #[rejoin::guarded(or = fallback.len())]
    async fn with_a_value_async((fallback, _n): (String, u8), _b: Bomb) -> usize {
        0
    }

    #[::tokio::test]
    async fn a_destructor_that_panics_is_recovered() {
        assert!(plain(Bomb).is_err());
        assert!(unnamed(Bomb).is_err());
        assert!(asynchronous(1, Bomb).await.is_err());
        assert!(instrumented(Bomb, Bomb).await.is_err());
        assert!(below(Bomb).await.is_err());
        assert!(grouped(Bomb).await.is_err());
        assert!(must_use((Bomb, 1)).await.is_err());
        assert!(Bomb.by_value().is_err());
        assert_eq!(with_a_value(Bomb, "four".to_owned()), 4);
        assert_eq!(with_a_value_async(("four".to_owned(), 1), Bomb).await, 4);
    }
}

/// `#[instrument]` below ours records what the patterns bind, and nothing else.
mod recorded {
    use super::*;

    /// The fields of every span that was opened on this thread.
    #[derive(Clone, Default)]
    struct Spans(Arc<Mutex<Vec<String>>>);

    struct Fields(String);
    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            use std::fmt::Write as _;
            let _ = write!(self.0, " {field}={value:?}");
        }
    }
    impl<S: ::tracing::Subscriber> Layer<S> for Spans {
        fn on_new_span(&self, attrs: &Attributes<'_>, _: &::tracing::Id, _: Context<'_, S>) {
            let mut fields = Fields(attrs.metadata().name().to_owned());
            attrs.record(&mut fields);
            self.0.lock().unwrap().push(fields.0);
        }
    }

    struct Path(u32);
    type Reply = Result<u32, Failure>;

    macro_rules! under {
        ($name:ident: $(#[$attr:meta])*) => {
            mod $name {
                use super::*;

                $(#[$attr])*
                pub(super) async fn tuple((a, id): (u32, u32), mut more: u32, _: &str) -> Reply {
                    more += a + id;
                    Ok(more)
                }
                $(#[$attr])*
                pub(super) async fn wrapped(Path(id): Path, unused: u32) -> Reply {
                    Ok(id)
                }
            }
        };
    }
    under!(bare: #[instrument(fields(id = %id))]);
    under!(guarded_above: #[rejoin::guarded] #[instrument(fields(id = %id))]);
    under!(guarded_below: #[instrument(fields(id = %id))] #[rejoin::guarded]);
    under!(group_above: #[rejoin::task_group] #[instrument(fields(id = %id))]);
    under!(group_below: #[instrument(fields(id = %id))] #[rejoin::task_group]);
    under!(unwinding: #[rejoin::guarded(on_panic = "unwind")] #[instrument(fields(id = %id))]);
    under!(joined: #[rejoin::must_join] #[instrument(fields(id = %id))]);
    under!(all: #[rejoin::guarded] #[rejoin::must_join] #[rejoin::task_group] #[instrument(fields(id = %id))]);

    macro_rules! spans {
        ($name:ident) => {{
            let spans = Spans::default();
            let _guard = ::tracing_subscriber::registry()
                .with(spans.clone())
                .set_default();
            assert_eq!($name::tuple((1, 2), 3, "").await.unwrap(), 6);
            assert_eq!($name::wrapped(Path(4), 5).await.unwrap(), 4);
            let spans = spans.0.lock().unwrap().clone();
            spans
        }};
    }

    #[::tokio::test]
    async fn the_names_of_destructured_parameters_are_those_of_the_bare_function() {
        let expected = spans!(bare);
        assert!(expected[1].contains("id=4"), "{expected:?}");
        assert_eq!(spans!(guarded_above), expected);
        assert_eq!(spans!(guarded_below), expected);
        assert_eq!(spans!(group_above), expected);
        assert_eq!(spans!(group_below), expected);
        assert_eq!(spans!(unwinding), expected);
        assert_eq!(spans!(joined), expected);
        assert_eq!(spans!(all), expected);
    }
}
