//! A guarded `async fn` becomes a `fn` that returns its guard, one with a group a `fn` that returns its group, where
//! nobody can see the difference.

use std::mem::size_of_val;
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures::FutureExt;

use crate::support::*;

/// A function that calls another one, in one of the forms that are lifted.
macro_rules! caller {
    (guarded $caller:ident $callee:ident) => {
        #[rejoin::guarded]
        async fn $caller() -> Result<(), BoxError> {
            $callee().await
        }
    };
    (task_group $caller:ident $callee:ident) => {
        #[rejoin::task_group]
        async fn $caller() -> Result<(), BoxError> {
            $callee().await
        }
    };
    (returned $caller:ident $callee:ident) => {
        #[rejoin::guarded]
        fn $caller() -> impl Future<Output = Result<(), BoxError>> {
            async { $callee().await }
        }
    };
}

/// Functions that call each other, the first one at the bottom.
macro_rules! nest {
    ($form:ident $bottom:ident) => {};
    ($form:ident $callee:ident $caller:ident $($rest:ident)*) => {
        caller! { $form $caller $callee }
        nest! { $form $caller $($rest)* }
    };
}

/// Thirty of them in a module, with the test that asks whether the whole is `Send`.
macro_rules! thirty {
    ($form:ident in $module:ident, $test:ident) => {
        mod $module {
            use super::*;

            async fn f0() -> Result<(), BoxError> {
                Ok(())
            }

            nest! {
                $form
                f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30
            }

            #[tokio::test]
            async fn $test() {
                assert!(tokio::spawn(f30()).await.unwrap().is_ok());
            }
        }
    };
}

thirty!(guarded in deep, thirty_guarded_functions_nest_and_are_still_send);
thirty!(task_group in deep_groups, thirty_task_groups_nest_and_are_still_send);
thirty!(returned in deep_returned, thirty_guarded_functions_that_return_futures_nest);

mod deep_in_a_module {
    use super::*;

    #[rejoin::guarded(on_panic = "recover")]
    mod functions {
        use super::*;

        pub async fn f0() -> Result<(), BoxError> {
            Ok(())
        }
        pub async fn f1() -> Result<(), BoxError> {
            f0().await
        }
        pub struct Service(pub [u8; 512]);
        impl Service {
            pub async fn call(&self) -> Result<u8, BoxError> {
                f1().await?;
                Ok(self.0[0])
            }
            pub async fn end(self) -> Result<u8, BoxError> {
                pause().await;
                Ok(self.0[1])
            }
        }
    }

    #[tokio::test]
    async fn the_functions_of_a_module_are_lifted_too() {
        let service = functions::Service([7; 512]);
        assert_eq!(sendable(service.call()).await.unwrap(), 7);
        let future = service.end();
        assert!(size_of_val(&future) < 600, "{}", size_of_val(&future));
        assert_eq!(future.await.unwrap(), 7);
    }
}

mod size {
    use super::*;

    async fn bare(argument: [u8; 1024]) -> usize {
        pause().await;
        argument.len()
    }
    #[rejoin::guarded(or = 0)]
    async fn guarded(argument: [u8; 1024]) -> usize {
        pause().await;
        argument.len()
    }
    #[rejoin::guarded(or = 0)]
    async fn unused(_argument: [u8; 1024]) -> usize {
        pause().await;
        0
    }

    #[test]
    fn the_future_is_no_larger_than_a_bare_one() {
        let bare = size_of_val(&bare([0; 1024]));
        assert!(size_of_val(&guarded([0; 1024])) <= bare);
        assert!(size_of_val(&unused([0; 1024])) <= bare);
    }
}

mod left {
    use super::*;

    /// What a value after a panic needs of the arguments is still there.
    #[rejoin::guarded(or = name.len())]
    async fn by_argument(name: &str) -> usize {
        pause().await;
        panic!("no")
    }
    impl Answer for Failure {
        #[rejoin::guarded(or = |panic| format!("{} {number}", panic.message()))]
        async fn answer(&self, number: u8) -> String {
            panic!("{}", self.0)
        }
    }
    trait Answer {
        async fn answer(&self, number: u8) -> String;
        #[rejoin::guarded(or = String::from("default"))]
        async fn by_default(&self, number: u8) -> String {
            let answer = self.answer(number).await;
            panic!("{answer}")
        }
    }

    #[rejoin::guarded]
    #[must_use = "it says whether it went well"]
    async fn must_use() -> Result<u8, BoxError> {
        Ok(1)
    }

    #[tokio::test]
    async fn a_handler_may_name_the_arguments() {
        assert_eq!(by_argument("abc").await, 3);
        assert_eq!(Failure("a".into()).answer(2).await, "a 2");
        assert_eq!(Failure("a".into()).by_default(2).await, "default");
        assert_eq!(must_use().await.unwrap(), 1);
    }
}

mod arguments {
    use super::*;

    type Log = Mutex<Vec<&'static str>>;
    struct Dropped<'a>(&'a Log, &'static str);
    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(self.1);
        }
    }

    macro_rules! twins {
        ($(#[$attr:meta])? $name:ident) => {
            $(#[$attr])?
            async fn $name(
                a: Dropped<'_>,
                _: Dropped<'_>,
                (_c, _): (Dropped<'_>, Dropped<'_>),
                log: &Log,
            ) {
                let _local = Dropped(log, "local");
                pause().await;
                a.0.lock().unwrap().push("body");
            }
        };
    }
    twins!(bare);
    twins!(
        #[rejoin::guarded]
        guarded
    );
    twins!(
        #[rejoin::task_group]
        group
    );

    fn make(log: &Log) -> [Dropped<'_>; 4] {
        ["a", "b", "c", "d"].map(|name| Dropped(log, name))
    }

    #[tokio::test]
    async fn unused_arguments_live_as_long_as_the_future() {
        let expected = Log::default();
        let [a, b, c, d] = make(&expected);
        bare(a, b, (c, d), &expected).await;
        assert_eq!(expected.lock().unwrap().len(), 6);

        let log = Log::default();
        let [a, b, c, d] = make(&log);
        let future = guarded(a, b, (c, d), &log);
        assert!(log.lock().unwrap().is_empty());
        future.await;
        assert_eq!(*log.lock().unwrap(), *expected.lock().unwrap());

        let log = Log::default();
        let [a, b, c, d] = make(&log);
        let future = group(a, b, (c, d), &log);
        assert!(log.lock().unwrap().is_empty());
        future.await;
        assert_eq!(*log.lock().unwrap(), *expected.lock().unwrap());
    }

    #[tokio::test]
    async fn nothing_runs_before_the_first_poll() {
        let log = Log::default();
        let [a, b, c, d] = make(&log);
        drop(guarded(a, b, (c, d), &log));
        let [a, b, c, d] = make(&log);
        drop(group(a, b, (c, d), &log));
        let mut log = log.lock().unwrap().clone();
        log.sort_unstable();
        assert_eq!(log, ["a", "a", "b", "b", "c", "c", "d", "d"]);
    }
}

mod recursion {
    use super::*;

    #[rejoin::guarded]
    async fn down(number: u32) -> Result<u32, BoxError> {
        match number {
            0 => Ok(0),
            _ => Ok(Box::pin(up(number - 1)).await? + 1),
        }
    }
    #[rejoin::guarded]
    async fn up(number: u32) -> Result<u32, BoxError> {
        let next: Pin<Box<dyn Future<Output = Result<u32, BoxError>>>> = Box::pin(down(number));
        next.await
    }

    #[tokio::test]
    async fn guarded_functions_may_call_each_other() {
        assert_eq!(down(9).await.unwrap(), 9);
    }
}

mod ended {
    use super::*;

    #[rejoin::guarded]
    async fn ends(panics: bool) -> Result<u8, BoxError> {
        assert!(!panics, "no");
        Ok(1)
    }

    #[rejoin::task_group]
    async fn group_ends(fails: bool) -> Result<u8, BoxError> {
        if fails { Err("no".into()) } else { Ok(1) }
    }

    #[tokio::test]
    async fn a_group_polled_after_its_end_panics() {
        for fails in [false, true] {
            let mut future = pin!(group_ends(fails));
            assert_eq!(future.as_mut().await.is_err(), fails);
            let again = AssertUnwindSafe(future.as_mut()).catch_unwind().await;
            assert!(again.is_err(), "a panic and not a second output");
        }
    }

    #[rejoin::guarded]
    fn returned(panics: u8) -> impl Future<Output = Result<u8, BoxError>> {
        assert!(panics != 1, "in the call");
        async move {
            assert!(panics != 2, "in the future");
            Ok(1)
        }
    }

    #[tokio::test]
    async fn a_returned_future_polled_after_its_end_panics() {
        for panics in 0..3 {
            let mut future = pin!(returned(panics));
            assert_eq!(future.as_mut().await.is_err(), panics > 0);
            let again = AssertUnwindSafe(future.as_mut()).catch_unwind().await;
            assert!(again.is_err(), "a panic and not a second output");
        }
    }

    #[tokio::test]
    async fn a_future_polled_after_its_end_panics() {
        for panics in [false, true] {
            let mut future = pin!(ends(panics));
            assert_eq!(future.as_mut().await.is_err(), panics);
            let again = AssertUnwindSafe(future.as_mut()).catch_unwind().await;
            assert!(again.is_err(), "a panic and not a second output");
        }
    }
}

mod first_poll {
    use super::*;

    static ASKED: AtomicUsize = AtomicUsize::new(0);

    #[rejoin::task_group(limit = ASKED.fetch_add(1, Ordering::SeqCst) + 1)]
    async fn fan_out(began: tokio::sync::oneshot::Sender<()>) -> Result<(), rejoin::Cancelled> {
        began.send(()).ok();
        std::future::pending().await
    }

    #[tokio::test]
    async fn a_group_belongs_to_who_polls_it() {
        let (began, has_begun) = tokio::sync::oneshot::channel();
        drop(fan_out(began));
        assert!(has_begun.await.is_err());
        let (began, has_begun) = tokio::sync::oneshot::channel();
        let future = fan_out(began);
        assert_eq!(ASKED.load(Ordering::SeqCst), 0);
        let group = rejoin::TaskGroup::<BoxError>::new();
        let task = group.spawn(future);
        has_begun.await.unwrap();
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
        group.cancel();
        // The task is aborted with its group, or has ended because its own was cancelled with it.
        assert!(!matches!(task.await, Ok(Ok(()))));
        group.join().await.ok();
    }
}
