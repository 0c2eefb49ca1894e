//! The request that is being served, for the reports of panics.
//!
//! 1. While a layer of ours runs a piece of what serves a request, the thread knows the request.
//! 2. A scope that is opened meanwhile keeps it, for its tasks and those of the scopes inside it run elsewhere. So it is a
//!    scope that pays for it, and no task does.
//! 3. The panic hook asks for its name: no lock is taken, and no code of others runs.
//!
//! Without the feature `tower` there is no such layer, and everything here is empty.

#[cfg(feature = "tower")]
pub(crate) use known::{Request, serve};
#[cfg(not(feature = "tower"))]
pub(crate) use unknown::Request;

#[cfg(feature = "tower")]
mod known {
    use std::cell::Cell;
    use std::fmt::{Debug, Display};
    use std::sync::Arc;

    /// What has the name of a request.
    pub(crate) trait Named: Display + Debug + Send + Sync {}

    impl<T: Display + Debug + Send + Sync> Named for T {}

    /// The request that something belongs to, if there is one.
    #[derive(Clone, Debug)]
    pub(crate) struct Request(Option<Arc<dyn Named>>);

    thread_local! {
        static CURRENT: Cell<Option<Arc<dyn Named>>> = const { Cell::new(None) };
    }

    impl Request {
        /// What serves no request, whoever makes it: the root.
        pub(crate) const fn none() -> Self {
            Self(None)
        }

        /// That which is being served on this thread.
        #[inline]
        pub(crate) fn current() -> Self {
            let current = CURRENT.try_with(|current| {
                let request = current.take();
                current.set(request.clone());
                request
            });
            Self(current.ok().flatten())
        }

        /// Such as `GET /users/{id}`.
        pub(crate) fn name(&self) -> Option<String> {
            self.0.as_ref().map(ToString::to_string)
        }
    }

    /// Runs a piece of what serves a request.
    #[inline]
    pub(crate) fn serve<R>(request: &Arc<impl Named + 'static>, f: impl FnOnce() -> R) -> R {
        struct Restore(Option<Arc<dyn Named>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                let outer = self.0.take();
                let _ = CURRENT.try_with(|current| current.replace(outer));
            }
        }

        let request = Arc::clone(request);
        // A thread that is ending knows nothing any more.
        let outer = CURRENT.try_with(|current| current.replace(Some(request)));
        let _restore = Restore(outer.ok().flatten());
        f()
    }
}

#[cfg(not(feature = "tower"))]
mod unknown {
    #[derive(Clone, Debug)]
    pub(crate) struct Request;

    impl Request {
        pub(crate) const fn none() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn current() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn name(&self) -> Option<String> {
            let Self = self;
            None
        }
    }
}

#[cfg(all(test, feature = "tower"))]
mod tests {
    use std::panic::{catch_unwind, resume_unwind};
    use std::sync::Arc;

    use super::*;
    use crate::TaskGroup;
    use crate::catch::catch_sync;
    use crate::panic::PanicError;

    #[test]
    fn a_thread_knows_the_request_that_it_serves_while_it_does() {
        let name = || Request::current().name();
        let inner = Arc::new("GET /users/{id}");
        assert_eq!(name(), None);
        serve(&Arc::new("GET /users/7"), || {
            assert_eq!(name().as_deref(), Some("GET /users/7"));
            let unwound = catch_unwind(|| serve(&inner, || panic!("{:?}", name())));
            let text = unwound.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(*text, "Some(\"GET /users/{id}\")");
            assert_eq!(name().as_deref(), Some("GET /users/7"));
        });
        assert_eq!(name(), None);
    }

    #[test]
    fn a_panic_in_it_has_its_name_whoever_catches_it() {
        serve(&Arc::new("GET /"), || {
            let panic = catch_sync(|| panic!("asked\ntwice")).unwrap_err();
            assert_eq!((panic.task(), panic.request()), (None, Some("GET /")));
            let text = panic.to_string();
            assert!(text.starts_with("panicked in `GET /` at "), "{text}");
            // One that no hook has seen.
            let panic = catch_sync(|| resume_unwind(Box::new("unseen"))).unwrap_err();
            assert_eq!(panic.request(), Some("GET /"));
        });
        let panic = catch_sync(|| panic!("nobody asked")).unwrap_err();
        assert_eq!(panic.request(), None);
    }

    #[tokio::test]
    async fn a_task_of_a_group_that_was_opened_in_it_knows_it() {
        let group = serve(&Arc::new("GET /"), TaskGroup::<PanicError>::new);
        group.launch(async {
            let inner = TaskGroup::<PanicError>::new();
            inner.launch(async { panic!("two groups below") });
            inner.join().await
        });
        let panic = group.join().await.unwrap_err();
        assert_eq!(panic.request(), Some("GET /"));
    }
}
