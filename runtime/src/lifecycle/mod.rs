//! The life of a service: what `#[rejoin::main]` expands to.
//!
//! 1. Two threads have a part in it. The *main* thread runs the body and the service's runtime, as under
//!    `#[tokio::main]`. A thread of its own (`drain`) listens to signals and goes through the stages of the shutdown. It has a
//!    small runtime of its own, because it must get its way also where the service's is blocked by a task that never
//!    awaits, or was never built for signals.
//! 2. Signals are listened to before the body is polled for the first time, and for as long as the process lives.
//! 3. The body is no task of the root: otherwise `root().join(…)` at its end would wait for itself. It ends, or the
//!    thread has it dropped when the grace is over; either way `body` is cancelled then.
//! 4. That thread decides how the process ends, and reports who is left. The main thread alone has the body's value, so it
//!    carries the decision out, unless it does not come to it: then that thread does.
//! 5. When all has ended, the main function *returns* its value: whoever calls it, std or a program that wraps it, goes on
//!    as after any function. Only where something was cut off or left does the process exit from within.
//! 6. What the program keeps (`keep`) is dropped last, by the thread that ends the process.
#![allow(missing_docs, reason = "nobody but the macros reads this")]

mod drain;
mod ended;
mod keep;
mod signals;
mod told;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::ambient;
use crate::panic::{PanicError, frame_named, install_again};
use crate::policy::{self, PanicPolicy};
use crate::shutdown::{self, Reason};
use crate::site::Site;
use crate::stderr;

use ended::{Ended, MISCONFIGURED};
pub use ended::{NoTermination, PATIENCE, Terminates, Value};
pub use keep::keep_until_exit;

/// A service that has been started.
#[derive(Debug)]
pub struct Service {
    site: &'static Site,
    threads: Arc<Threads>,
}

/// What the two threads tell each other.
#[derive(Debug)]
struct Threads {
    since: Instant,
    /// From the main thread: the body has ended, or was dropped.
    body: CancellationToken,
    /// From the thread that drains: the grace is over, drop the body.
    cut: CancellationToken,
    /// From the thread that drains: the process ends.
    verdict: OnceLock<Verdict>,
    told: CancellationToken,
    /// From the main thread: it has let go of the runtime.
    done: CancellationToken,
}

/// Who is left when the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nobody: everything has ended within the grace.
    InTime,
    /// Nobody, but what had not ended within the grace was cut off.
    Cut,
    /// Groups whose functions run in tasks of others: they end with the runtime, or not at all.
    Groups,
    Tasks,
}

/// What became of the body.
#[derive(Debug)]
enum Outcome<T> {
    Returned(T),
    Panicked(PanicError),
    /// It was dropped.
    Cut,
}

/// The builder of a runtime with many threads.
#[must_use]
pub fn multi_thread() -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.enable_all();
    builder
}

/// The builder of a runtime that runs on the main thread alone.
#[must_use]
pub fn current_thread() -> Builder {
    let mut builder = Builder::new_current_thread();
    builder.enable_all();
    builder
}

impl Service {
    /// Opens the root, and listens to signals. Does not return when the environment asks for a policy that there is not.
    ///
    /// # Panics
    ///
    /// Where the system gives no thread, or no signals.
    #[must_use]
    pub fn start(site: &'static Site, grace: Duration) -> Self {
        if let Err(error) = PanicPolicy::from_env() {
            stderr::say(&error.to_string());
            std::process::exit(MISCONFIGURED);
        }
        policy::settle();
        ambient::install();
        let threads = Arc::new(Threads {
            since: Instant::now(),
            body: CancellationToken::new(),
            cut: CancellationToken::new(),
            verdict: OnceLock::new(),
            told: CancellationToken::new(),
            done: CancellationToken::new(),
        });
        if let Err(error) = drain::start(site, grace, Arc::clone(&threads)) {
            panic!("the service cannot listen to signals: {error}");
        }
        Self { site, threads }
    }

    /// The runtime, if it could be built.
    ///
    /// # Panics
    ///
    /// If it could not.
    pub fn runtime<R>(&self, built: io::Result<R>) -> R {
        built.unwrap_or_else(|error| panic!("the runtime of the service cannot be built: {error}"))
    }

    /// Runs the body, and then waits for the word of the thread that drains. Does not return when tasks are left.
    ///
    /// The body is boxed at once: each of the frames on the way to the runtime would have a copy of it.
    pub fn run<F, C>(&self, body: F, code: C) -> impl Future<Output = Ended<F::Output, C>>
    where
        F: Future,
        C: FnOnce(F::Output) -> ExitCode,
    {
        self.run_boxed(Box::pin(body), code)
    }

    async fn run_boxed<F, C>(&self, body: Pin<Box<F>>, code: C) -> Ended<F::Output, C>
    where
        F: Future,
        C: FnOnce(F::Output) -> ExitCode,
    {
        let outcome = self.body(body).await;
        shutdown::request(match &outcome {
            Outcome::Returned(_) | Outcome::Cut => Reason::Ended,
            Outcome::Panicked(_) => Reason::Failed,
        });
        self.threads.body.cancel();
        self.threads.told.cancelled().await;
        let verdict = self.threads.verdict.get().copied();
        let verdict = verdict.unwrap_or(Verdict::InTime);
        let done = self.threads.done.clone();
        let ended = Ended::new(outcome, code, verdict, done);
        if verdict == Verdict::Tasks {
            ended.leave();
        }
        ended
    }

    /// Polls the body to its end, to its panic, or until it is cut off, and drops it.
    async fn body<F: Future>(&self, body: Pin<Box<F>>) -> Outcome<F::Output> {
        let mut cut = pin!(self.threads.cut.cancelled());
        let mut body = Some(body);
        let mut begins = true;
        poll_fn(|cx| {
            let Some(future) = &mut body else {
                return Poll::Pending;
            };
            let polled = frame_named(self.site, || future.as_mut().poll(cx));
            if std::mem::take(&mut begins) {
                // It begins with setting hooks of others, if it does so at all.
                install_again();
            }
            let outcome = match polled {
                Ok(Poll::Ready(value)) => Outcome::Returned(value),
                Ok(Poll::Pending) if cut.as_mut().poll(cx).is_ready() => Outcome::Cut,
                Ok(Poll::Pending) => return Poll::Pending,
                Err(panic) => Outcome::Panicked(panic),
            };
            let dropped = frame_named(self.site, || body = None);
            Poll::Ready(match (outcome, dropped) {
                (panicked @ Outcome::Panicked(_), _) | (panicked, Ok(())) => panicked,
                (_, Err(panic)) => Outcome::Panicked(panic),
            })
        })
        .await
    }
}
