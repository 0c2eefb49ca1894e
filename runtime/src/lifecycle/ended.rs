//! How the process ends.

use std::cell::Cell;
use std::process::{ExitCode, Termination};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Outcome, Verdict, keep, told};
use crate::panic;
use crate::root::GIVE_UP;
use crate::scope::Scope;
use crate::shutdown::has_failed;

/// Tasks had to be left: `EX_SOFTWARE` of `sysexits.h`, because a task that cannot be stopped is a defect of the program.
const LEFT: i32 = 70;

/// The grace was over before everything had ended: `EX_TEMPFAIL` of `sysexits.h`, because the work that was cut off can be
/// done by the next process.
const CUT: i32 = 75;

/// The environment asks for what there is not: `EX_CONFIG` of `sysexits.h`.
pub(super) const MISCONFIGURED: i32 = 78;

/// As after a panic of the main thread.
const PANICKED: i32 = 101;

/// How long the runtime may take to end: what rejoin does not know may still hold it, such as a blocking read of
/// standard input, which nobody can interrupt.
pub const PATIENCE: Duration = GIVE_UP;

/// How long the destructors of kept values may take where the process exits from within.
const LAST: Duration = Duration::from_secs(3);

/// What a service has come to when nothing of it is left but its runtime.
#[must_use]
pub struct Ended<T, C> {
    outcome: Outcome<T>,
    /// Makes an exit code of the value.
    code: C,
    verdict: Verdict,
    done: CancellationToken,
}

/// A value of a main function, to be asked for its exit code.
pub struct Value<T>(Cell<Option<T>>);

/// What `main` may return, as std sees it. An error is printed.
pub trait Terminates {
    fn __rejoin_exit_code(&self) -> ExitCode;
}

/// What it may not: only the compiler has a word on that, and it lets any function but the program's own return it.
pub trait NoTermination {
    fn __rejoin_exit_code(&self) -> ExitCode;
}

impl<T> Value<T> {
    pub const fn new(value: T) -> Self {
        Self(Cell::new(Some(value)))
    }
}

impl<T: Termination> Terminates for &Value<T> {
    fn __rejoin_exit_code(&self) -> ExitCode {
        self.0.take().map_or(ExitCode::SUCCESS, Termination::report)
    }
}

impl<T> NoTermination for Value<T> {
    fn __rejoin_exit_code(&self) -> ExitCode {
        ExitCode::SUCCESS
    }
}

impl<T, C: FnOnce(T) -> ExitCode> Ended<T, C> {
    pub(super) fn new(
        outcome: Outcome<T>,
        code: C,
        verdict: Verdict,
        done: CancellationToken,
    ) -> Self {
        Self {
            outcome,
            code,
            verdict,
            done,
        }
    }

    /// Gives the value of the main function, or what takes its place.
    ///
    /// # Panics
    ///
    /// With the panic of the body, which was reported when it happened.
    #[must_use]
    pub fn finish(self) -> T {
        if self.verdict == Verdict::Groups {
            let open = Scope::root().live_and_open();
            if !open.is_empty() {
                told::leaves(&open);
                self.leave();
            }
        }
        panic::flush();
        keep::drop_kept();
        self.done.cancel();
        let cut = self.verdict != Verdict::InTime;
        match self.outcome {
            Outcome::Returned(value) if !has_failed() && !cut => value,
            Outcome::Returned(value) => exit(number((self.code)(value)).unwrap_or_else(failed)),
            Outcome::Panicked(panic) => panic.resume(),
            Outcome::Cut => exit(failed()),
        }
    }

    /// Ends the process although tasks are left. A failure of the main function says more than that.
    pub(super) fn leave(self) -> ! {
        exit(match self.outcome {
            Outcome::Returned(value) => number((self.code)(value)).unwrap_or_else(left),
            Outcome::Panicked(_) => PANICKED,
            Outcome::Cut => left(),
        })
    }
}

/// The exit code where tasks are left, as far as it does not depend on the main function.
pub(super) fn left() -> i32 {
    if has_failed() { PANICKED } else { LEFT }
}

/// The exit code where nothing is left, but the grace was over or a task of the root has failed.
fn failed() -> i32 {
    if has_failed() { PANICKED } else { CUT }
}

/// Ends the process, after its reports and the destructors of what is kept. The first of the two threads that comes here
/// does it.
pub(super) fn exit(code: i32) -> ! {
    static EXITS: AtomicBool = AtomicBool::new(false);
    while EXITS.swap(true, Ordering::AcqRel) {
        thread::park();
    }
    panic::flush();
    keep::drop_kept_within(LAST);
    exit_at_once(code)
}

/// Ends the process, after its reports.
pub(super) fn exit_at_once(code: i32) -> ! {
    panic::flush();
    std::process::exit(code)
}

/// The number of an exit code that means a failure.
fn number(code: ExitCode) -> Option<i32> {
    // std tells nobody the number of a code.
    let known = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code);
    Some(known.map_or(1, i32::from)).filter(|code| *code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failure_has_a_number() {
        assert_eq!(number(ExitCode::SUCCESS), None);
        for code in 1..=u8::MAX {
            assert_eq!(number(ExitCode::from(code)), Some(i32::from(code)));
        }
    }

    #[test]
    #[expect(clippy::needless_borrow, reason = "as the expansion has it")]
    fn a_value_that_std_could_not_end_with_is_no_failure() {
        struct Anything;
        assert!((&&Value::new(Anything)).__rejoin_exit_code() == ExitCode::SUCCESS);
        let code = (&&Value::new(ExitCode::from(3))).__rejoin_exit_code();
        assert!(code == ExitCode::from(3));
    }
}
