//! How the process ends.

use std::process::{ExitCode, Termination};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::report;
use crate::root::{GIVE_UP, Why, reason};

/// Tasks had to be left: `EX_SOFTWARE` of `sysexits.h`, because a task that cannot be stopped is a defect of the program.
pub(super) const LEFT: i32 = 70;

/// As after a panic of the main thread.
const PANICKED: i32 = 101;

/// How long the runtime may take to end: what rejoin does not know may still hold it, such as a blocking read of
/// standard input, which nobody can interrupt.
pub const PATIENCE: Duration = GIVE_UP;

/// What a service has come to when nothing of it is left but its runtime.
#[must_use]
#[derive(Debug)]
pub struct Ended<T> {
    outcome: Outcome<T>,
    done: CancellationToken,
}

impl<T: Termination> Ended<T> {
    pub(super) fn new(outcome: Outcome<T>, done: CancellationToken) -> Self {
        Self { outcome, done }
    }

    /// Gives the value of the main function, or what takes its place.
    ///
    /// # Panics
    ///
    /// With the panic of the body, which was reported when it happened.
    #[must_use]
    pub fn finish(self) -> T {
        self.done.cancel();
        report::flush();
        match self.outcome {
            Outcome::Returned(value) if !has_failed() => value,
            Outcome::Returned(value) => exit(code(value).unwrap_or(PANICKED)),
            Outcome::Panicked(panic) => panic.resume(),
            Outcome::Cut => exit(if has_failed() { PANICKED } else { 0 }),
        }
    }

    /// Ends the process although tasks are left. A failure of the main function says more than that.
    pub(super) fn leave(self) -> ! {
        exit(match self.outcome {
            Outcome::Returned(value) => code(value).unwrap_or(LEFT),
            Outcome::Panicked(_) => PANICKED,
            Outcome::Cut => LEFT,
        })
    }
}

/// Ends the process, after its reports.
pub(super) fn exit(code: i32) -> ! {
    report::flush();
    std::process::exit(code)
}

fn has_failed() -> bool {
    reason() == Some(Why::Failed)
}

/// The exit code of a value that means a failure. An error is printed, as std does it.
fn code(value: impl Termination) -> Option<i32> {
    let code = value.report();
    // std tells nobody the number of a code.
    let known = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code);
    Some(known.map_or(1, i32::from)).filter(|code| *code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failure_has_a_code() {
        assert_eq!(code(()), None);
        assert_eq!(code(ExitCode::SUCCESS), None);
        assert_eq!(code(Ok::<(), u8>(())), None);
        assert_eq!(code(Err::<(), _>("no port")), Some(1));
        assert_eq!(code(ExitCode::from(3)), Some(3));
        assert_eq!(code(ExitCode::from(255)), Some(255));
    }
}
