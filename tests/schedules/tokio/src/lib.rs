//! As much of tokio as rejoin's scopes need, on shuttle, which runs one task at a time and chooses anew at each step
//! which one.
//!
//! 1. A task is dropped by its abort only between two polls, as tokio does it, and before its handle is finished.
//! 2. A panic of a task goes to its handle.
//! 3. A sleep takes as long as the scheduler likes: a deadline may strike between any two steps.
//! 4. What is tokio's own and has no schedule (semaphores, instants) is tokio's own.

pub mod task;
pub mod time;

pub use task::spawn;
pub use tokio::sync;

/// Waiting on a thread that may block.
pub mod runtime {
    use std::future::Future;

    /// Known by its type alone: none is made here.
    pub use tokio::runtime::Runtime;

    /// The runtime: there is one.
    #[derive(Clone, Copy, Debug)]
    pub struct Handle;

    impl Handle {
        /// The runtime around the caller.
        #[must_use]
        pub const fn current() -> Self {
            Self
        }

        /// Waits for a future.
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            shuttle::future::block_on(future)
        }
    }
}
