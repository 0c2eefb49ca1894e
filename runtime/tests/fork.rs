//! A process that has forked and goes on without `exec`: of its parent's threads only one is in it, and the thread that
//! reports panics is not that one. A panic there is reported, and holds nothing up.
#![cfg(unix)]
#![allow(unsafe_code, reason = "`fork` and what a forked process needs")]

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use rejoin::{PanicError, PanicPolicy, catch_sync, flush_reports, on_panic, set_panic_policy};

/// A child that has not ended by then hangs: it is killed, and its test fails.
const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// What a child gives as its end if the closure panics.
const PANICKED: i32 = 101;

#[rejoin::guarded]
fn guarded(message: &str) -> Result<(), PanicError> {
    panic!("{message}");
}

/// How a child has ended, and what it wrote to stderr.
#[derive(Debug)]
struct Ended {
    status: i32,
    stderr: String,
}

impl Ended {
    #[track_caller]
    fn exited(&self, code: i32) -> &Self {
        let exited = libc::WIFEXITED(self.status).then(|| libc::WEXITSTATUS(self.status));
        assert_eq!(exited, Some(code), "{self:?}");
        self
    }

    #[track_caller]
    fn aborted(&self) -> &Self {
        let signal = libc::WIFSIGNALED(self.status).then(|| libc::WTERMSIG(self.status));
        assert_eq!(signal, Some(libc::SIGABRT), "{self:?}");
        self
    }

    /// Asserts that one report ends like this.
    #[track_caller]
    fn reports(&self, end: &str) -> &Self {
        let lines = self.stderr.lines();
        let reports = lines.filter(|line| line.starts_with("rejoin: ") && line.ends_with(end));
        assert_eq!(reports.count(), 1, "{end:?}: {self:?}");
        self
    }
}

/// The children of a process inherit each other's pipes, so there is one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A reporter thread exists, and has called a handler.
fn with_reporter() {
    static HEARD: AtomicBool = AtomicBool::new(false);
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // std's own hook writes under a lock of std's, which a fork may find held.
        std::panic::set_hook(Box::new(|_| {}));
        on_panic(|report| {
            HEARD.store(true, Ordering::SeqCst);
            // As a handler that talks to a thread: an answer that does not come.
            if report.message() == "to a stuck handler" {
                loop {
                    thread::park();
                }
            }
        });
    });
    thread::spawn(|| panic!("of the parent"))
        .join()
        .unwrap_err();
    flush_reports();
    assert!(HEARD.load(Ordering::SeqCst));
}

/// Runs a closure in a forked child, which then exits with what it gives.
fn forked(f: impl FnOnce() -> i32) -> Ended {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for two descriptors, and each becomes one owner below.
    let [mut read, write] = unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        ends.map(|end| File::from(OwnedFd::from_raw_fd(end)))
    };
    // SAFETY: the child runs the closure and exits without going back.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process");
    if child == 0 {
        // SAFETY: the descriptors are open, and 2 is this process's own.
        unsafe { libc::dup2(write.as_raw_fd(), 2) };
        let code = catch_unwind(AssertUnwindSafe(f)).unwrap_or(PANICKED);
        // SAFETY: ends the process, and runs nothing of the parent's.
        unsafe { libc::_exit(code) };
    }
    drop(write);
    // Its end is the end of what it writes.
    let (written, stderr) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        read.read_to_string(&mut text).unwrap();
        let _ = written.send(text);
    });
    let stderr = stderr.recv_timeout(FAR_TOO_LONG);
    if stderr.is_err() {
        // SAFETY: it is a child of this process that nobody has waited for.
        unsafe { libc::kill(child, libc::SIGKILL) };
    }
    let mut status = 0;
    // SAFETY: as above, and `status` is where its end goes.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    let stderr = stderr.expect("the child hangs");
    Ended { status, stderr }
}

#[test]
fn a_panic_of_a_guarded_function_becomes_its_value_and_is_reported() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| {
        let panic = guarded("in a child").unwrap_err();
        i32::from(panic.message() != "in a child" || panic.location().is_none())
    });
    ended.exited(0).reports(": in a child");
    let place = "rejoin: task `fork::guarded` panicked at runtime/tests/fork.rs:";
    assert!(ended.stderr.starts_with(place), "{ended:?}");
}

#[test]
fn a_panic_outside_of_everything_is_reported_and_goes_on() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| panic!("of nobody"));
    ended.exited(PANICKED).reports(" (unowned): of nobody");
}

#[test]
fn a_thread_of_the_child_may_panic_too() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| {
        // The main thread of a program waits for the reporter.
        let main = thread::Builder::new().name("main".to_owned());
        let main = main.spawn(|| panic!("of a thread")).unwrap();
        main.join().unwrap_err();
        flush_reports();
        0
    });
    ended.exited(0).reports(" (unowned): of a thread");
}

#[test]
fn a_panic_that_goes_through_several_owners_is_reported_once() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| {
        let inner = || catch_sync(|| panic!("through all")).unwrap_or_else(|panic| panic.resume());
        let panic = catch_sync::<()>(inner).unwrap_err();
        let raw = catch_unwind(|| panic.resume()).unwrap_err();
        let panic = catch_sync(|| std::panic::resume_unwind(raw)).unwrap_err();
        i32::from(panic.location().is_none())
    });
    ended.exited(0).reports(": through all");
}

#[test]
fn more_panics_than_the_reporter_keeps_are_all_reported() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| {
        for _ in 0..1500 {
            let _ = catch_unwind(|| panic!("one of many"));
            let _ = guarded("one of many");
        }
        0
    });
    ended.exited(0);
    let reports = ended
        .stderr
        .lines()
        .filter(|line| line.ends_with(": one of many"));
    assert_eq!(reports.count(), 3000);
}

#[test]
fn a_reporter_that_was_stuck_in_a_handler_holds_no_child_up() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| {
        // This process has a stuck reporter, and forks.
        on_panic(|_| {});
        thread::spawn(|| panic!("to a stuck handler"))
            .join()
            .unwrap_err();
        let ended = forked(|| {
            let panic = guarded("in a grandchild").unwrap_err();
            i32::from(panic.message() != "in a grandchild")
        });
        ended.exited(0).reports(": in a grandchild");
        0
    });
    ended.exited(0);
}

#[test]
fn a_policy_that_aborts_ends_the_child() {
    let _alone = alone();
    with_reporter();
    // Not for the parent.
    let ended = forked(|| {
        set_panic_policy(PanicPolicy::abort());
        let ended = forked(|| {
            let _ = guarded("the last words");
            0
        });
        let aborts = "rejoin: the process aborts (panic policy `abort`): ";
        let told = |begin: &str| ended.stderr.matches(begin).count();
        assert_eq!(told(aborts), 1, "{ended:?}");
        assert_eq!(told(": the last words\n"), 2, "{ended:?}");
        ended.aborted();
        0
    });
    ended.exited(0);
}

#[test]
fn a_child_that_goes_on_as_a_program_of_its_own_has_its_handlers() {
    let _alone = alone();
    with_reporter();
    let ended = forked(|| {
        let (heard, hears) = sync_channel(8);
        on_panic(move |report| heard.send(report.message().to_owned()).unwrap());
        let _ = guarded("on its own thread").unwrap_err();
        assert_eq!(hears.try_recv().unwrap(), "on its own thread");
        thread::spawn(|| panic!("by its reporter"))
            .join()
            .unwrap_err();
        assert_eq!(hears.recv_timeout(FAR_TOO_LONG).unwrap(), "by its reporter");
        0
    });
    ended.exited(0).reports(" (unowned): by its reporter");
}

#[test]
fn no_fork_in_the_midst_of_panics_leaves_a_child_that_hangs() {
    /// Ends the threads also where the test fails.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let _alone = alone();
    with_reporter();
    let done = AtomicBool::new(false);
    thread::scope(|threads| {
        let _done = Done(&done);
        for _ in 0..4 {
            threads.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let _ = guarded("of a thread of the parent");
                    let _ = catch_unwind(|| panic!("of a thread of the parent, to nobody"));
                }
            });
        }
        for _ in 0..200 {
            let ended = forked(|| {
                for _ in 0..4 {
                    let _ = guarded("in the midst").unwrap_err();
                    catch_unwind(|| panic!("in the midst")).unwrap_err();
                }
                0
            });
            ended.exited(0);
            let reports = ended
                .stderr
                .lines()
                .filter(|line| line.ends_with(": in the midst"));
            assert_eq!(reports.count(), 8, "{ended:?}");
        }
    });
}
