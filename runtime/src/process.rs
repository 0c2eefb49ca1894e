//! What a program says about the panics of the whole process: who sees them, and what they do to it.

use crate::ambient;
use crate::panic::{self, PanicReport};
use crate::policy::{self, PanicPolicy};

/// Calls `handler` with every panic of the process from now on, once each: of annotated code, of
/// libraries that nobody annotated, of plain threads and of raw tokio tasks. Node's
/// `uncaughtException`, for tasks.
///
/// Handlers add up: each is called, in the order in which they were set, and stays for as long as the
/// process lives. Set it at the start of `main`. A library sets none; it would speak for the whole
/// program.
///
/// ```
/// rejoin::on_panic(|report| {
///     // To the pager, to the crash monitor, to a counter of your own.
///     eprintln!("{}: {report}", report.name().unwrap_or("somewhere"));
/// });
///
/// let answer = rejoin::catch_sync(|| "7x".parse::<u32>().unwrap());
/// assert!(answer.is_err());
/// ```
///
/// # When and where it runs
///
/// Not inside the panic hook, where a second panic would end the process. A panic that reaches rejoin
/// is handed over there and then, on its own thread, before the panic becomes an error or an
/// answer. What nobody of rejoin's catches is handed over by a thread of rejoin's, soon after: there
/// is no tokio runtime around it. So a handler is quick and does not wait: what takes long it sends
/// to a task or a thread. While it blocks, so does what called it; of the panics that only that thread
/// can tell, 1024 wait for it. What comes then is written to stderr, and counted by the metrics and by
/// the policy, but neither handlers nor subscribers hear of it.
///
/// It comes after the `tracing` event and the metrics, and before the [policy](crate::PanicPolicy)
/// does what it says. If that is to abort, all handlers together have one second: enough to flush
/// what a crash monitor or a log writer has in its buffer.
///
/// # What it does not see
///
/// - What panicked before it was set.
/// - What panics after somebody has replaced the panic hook by one that does not call the previous one,
///   as color-eyre's does. rejoin puts its own in front of that one, which is still called, when this
///   function is called, when the body of `#[rejoin::main]` first waits, and when it meets a panic
///   that it has not seen. So install such hooks first of all in `main`.
/// - A panic in a handler, or in the subscriber of an event. It is contained, the panic hooks of others
///   see it, and the next handler is called.
/// - A payload raised by [`resume_unwind`](std::panic::resume_unwind), which calls no hook, if no
///   code of rejoin's catches it.
/// - In a process that has forked and goes on without `exec`: the threads that a handler may need are not there. A panic is a
///   line on stderr, and the policy counts it. A child that goes on as a program of its own, such as a daemon, says so by
///   calling this function, [`set_panic_policy`] or a `#[rejoin::main]`; from then on all is as in its parent.
/// - The last moments: when `main` returns, the process does not wait. [`flush_reports`] does, and so
///   do a policy that aborts and a panic of the main thread.
pub fn on_panic(handler: impl Fn(&PanicReport) + Send + Sync + 'static) {
    policy::settle();
    ambient::install();
    panic::install_again();
    panic::add_handler(handler);
}

/// Says what a panic does to the process, unless the environment does.
///
/// For the start of a `main`: a policy speaks for the whole program, so a library sets none. `REJOIN_ON_PANIC` goes before
/// what is said here, so that whoever runs the program has the last word.
///
/// A function or a group can be stricter for itself, and has its own count: `#[rejoin::guarded(on_panic = "abort after 5
/// in 60s")]`, `#[rejoin::task_group(on_panic = "abort if unjoined for 30s")]`,
/// [`TaskGroupBuilder::on_panic`](crate::TaskGroupBuilder::on_panic). None can be milder than the policy.
///
/// ```
/// use std::time::Duration;
/// use rejoin::{PanicPolicy, set_panic_policy};
///
/// set_panic_policy(PanicPolicy::abort_after(5, Duration::from_secs(60)));
/// ```
pub fn set_panic_policy(policy: PanicPolicy) {
    policy::settle();
    ambient::install();
    panic::install_again();
    policy::set(policy);
}

/// Waits until the panics of so far that only the thread of rejoin's can tell have been reported, at
/// most one second.
///
/// For the end of a `main` of one's own: the other panics are reported where they are caught. It
/// blocks the thread, and does nothing when that thread itself calls it from a handler.
///
/// ```
/// rejoin::on_panic(|report| eprintln!("{report}"));
/// std::thread::spawn(|| panic!("out of paper")).join().unwrap_err();
/// rejoin::flush_reports();
/// ```
pub fn flush_reports() {
    panic::flush();
}
