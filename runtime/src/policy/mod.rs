//! What a panic does to the process: the policy, where it comes from, and when it strikes.
//!
//! 1. The policy in force is the environment's, else the program's, else `recover`.
//! 2. A panic is weighed once, when it is reported, before anything of others runs (`report::tell`): so a
//!    handler that hangs cannot keep the process alive.
//! 3. No lock is held while code of others runs, and nothing under it can panic.

mod end;
mod own;
mod telling;
mod text;
mod window;

use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use end::end;
pub(crate) use end::{Ending, Why};
pub(crate) use own::weigh_at;
pub(crate) use telling::Telling;
pub use text::ParsePolicyError;
use window::Window;

use crate::fork;
use crate::panic::{self, CATCHES_PANICS, PanicReport};
use crate::shutdown::{self, Reason};
use crate::site::Site;
use crate::stderr;

/// The variable that an operator sets.
const VARIABLE: &str = "REJOIN_ON_PANIC";

/// What a panic does to the process, beside being reported: see [`set_panic_policy`](crate::set_panic_policy).
///
/// It reads and prints as text, the same that the environment variable `REJOIN_ON_PANIC` takes:
///
/// | text | a panic |
/// |---|---|
/// | `recover` | goes to its owner, as the attributes say; nothing else. The default |
/// | `shutdown` | that a task of the [root](crate::root) fails with requests [shutdown](crate::shutdown_requested) |
/// | `abort` | ends the process, wherever it is |
/// | `abort after 5 in 60s` | the fifth within 60 seconds ends the process |
///
/// With `, abort if unjoined for 30s` behind any of them, a task group that a panic has cancelled and that has not
/// come home 30 seconds later ends the process too: see [`abort_if_unjoined`](Self::abort_if_unjoined). Durations are
/// written as in the attributes: `250ms`, `60s`, `1m 30s`.
///
/// ```
/// use std::time::Duration;
/// use rejoin::PanicPolicy;
///
/// let policy: PanicPolicy = "abort after 5 in 1m, abort if unjoined for 30s".parse()?;
/// assert_eq!(
///     policy,
///     PanicPolicy::abort_after(5, Duration::from_secs(60)).abort_if_unjoined(Duration::from_secs(30)),
/// );
/// # Ok::<(), rejoin::ParsePolicyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PanicPolicy {
    reaction: Reaction,
    unjoined: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reaction {
    Recover,
    Shutdown,
    Abort,
    AbortAfter { panics: u32, within: Duration },
}

impl PanicPolicy {
    const fn of(reaction: Reaction) -> Self {
        Self {
            reaction,
            unjoined: None,
        }
    }

    /// A panic goes to its owner, and to nobody else. The default.
    #[must_use]
    pub const fn recover() -> Self {
        Self::of(Reaction::Recover)
    }

    /// A task of the [root](crate::root) that panics requests [shutdown](crate::shutdown_requested): a service that has
    /// lost a worker ends in order, and is started anew.
    ///
    /// Also when somebody holds the task's handle. A panic that is made an error or an answer inside the task is no
    /// failure of it, nor is one in a group whose function returns an error; and a task that was spawned without rejoin
    /// is none of the root's.
    #[must_use]
    pub const fn shutdown() -> Self {
        Self::of(Reaction::Shutdown)
    }

    /// A panic ends the process, as soon as it has been reported.
    ///
    /// As under the profile's `panic = "abort"`: every one, also one that somebody would have caught. But it is reported
    /// first, by name, and what handlers have to flush they flush.
    #[must_use]
    pub const fn abort() -> Self {
        Self::of(Reaction::Abort)
    }

    /// So many panics within so long end the process; those before are recovered from.
    ///
    /// Whichever panics: a service that panics again and again is broken, though each single one may be survived.
    ///
    /// # Panics
    ///
    /// When either is zero: such a policy would never, or always, abort.
    #[must_use]
    #[track_caller]
    pub const fn abort_after(panics: u32, within: Duration) -> Self {
        assert!(
            panics > 0,
            "a policy that aborts after no panic: write `PanicPolicy::abort()` for the first"
        );
        assert!(
            !within.is_zero(),
            "a policy that aborts after panics within no time"
        );
        Self::of(Reaction::AbortAfter { panics, within })
    }

    /// A task group that a panic has cancelled and that has not been joined so long after ends the process, whatever else
    /// the policy says.
    ///
    /// A panic is known at once, yet whoever waits for its group sees it when the group has come home. What keeps it away
    /// (a loop that never awaits, a lock that the panic left behind, a join that is never reached) would keep the
    /// service half alive. The report names the panic, and the tasks that have not ended.
    ///
    /// Groups that go on after a panic (`on_failure = "collect"` or `"isolate"`) are not meant.
    #[must_use]
    pub const fn abort_if_unjoined(mut self, after: Duration) -> Self {
        self.unjoined = Some(after);
        self
    }

    /// The policy that the environment asks for in `REJOIN_ON_PANIC`; `None` where the variable is not set or is empty.
    ///
    /// `#[rejoin::main]` asks first of all, and refuses to start with a value that it cannot read. A program with another
    /// `main` does the same by hand, or leaves it to rejoin, which says on stderr that it ignores such a value.
    ///
    /// ```
    /// if let Err(error) = rejoin::PanicPolicy::from_env() {
    ///     eprintln!("{error}");
    ///     std::process::exit(2);
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the value, and what it could be.
    pub fn from_env() -> Result<Option<Self>, ParsePolicyError> {
        let Some(value) = std::env::var_os(VARIABLE) else {
            return Ok(None);
        };
        let text = value.to_string_lossy();
        if text.trim().is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|error: ParsePolicyError| error.named(VARIABLE))
    }

    /// The policy in force.
    #[must_use]
    pub fn current() -> Self {
        state().map(|state| state.policy()).unwrap_or_default()
    }
}

impl Default for PanicPolicy {
    /// `recover`
    fn default() -> Self {
        Self::recover()
    }
}

impl fmt::Debug for PanicPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PanicPolicy({self})")
    }
}

/// What the program says, unless the environment does: see [`set_panic_policy`](crate::set_panic_policy).
pub(crate) fn set(policy: PanicPolicy) {
    if let Some(mut state) = state() {
        state.set = Some(policy);
    }
}

/// Reads the environment, so that a bad value is told at the start and not at the first panic.
pub(crate) fn read_environment() {
    drop(state());
}

/// Makes a forked process one with a reporter of its own.
pub(crate) fn settle() {
    if fork::is_forked() && state().is_some() && own::is_free() && telling::forget_parent() {
        panic::settle();
    }
}

struct State {
    /// `None` until it has been read.
    environment: Option<Option<PanicPolicy>>,
    set: Option<PanicPolicy>,
    window: Window,
}

/// `None` in a forked process where a thread that is gone holds the lock.
fn state() -> Option<MutexGuard<'static, State>> {
    static STATE: Mutex<State> = Mutex::new(State {
        environment: None,
        set: None,
        window: Window::new(),
    });
    let mut state = fork::lock(&STATE)?;
    if state.environment.is_none() {
        let read = PanicPolicy::from_env();
        state.environment = Some(*read.as_ref().unwrap_or(&None));
        if let Err(error) = read {
            drop(state);
            stderr::say(&format!("{error}; it is ignored"));
            state = fork::lock(&STATE)?;
        }
    }
    Some(state)
}

impl State {
    fn policy(&self) -> PanicPolicy {
        self.environment.flatten().or(self.set).unwrap_or_default()
    }

    /// Counts a panic: whether it ends the process.
    fn strikes(&mut self, at: Instant) -> bool {
        match self.policy().reaction {
            Reaction::Recover | Reaction::Shutdown => false,
            Reaction::Abort => true,
            Reaction::AbortAfter { panics, within } => self.window.fills(at, panics, within),
        }
    }
}

/// Counts a panic that is about to be reported: what is left to do once it is, if it ends the process.
pub(crate) fn weigh(report: &PanicReport) -> Option<Ending> {
    if !CATCHES_PANICS {
        // It ends anyhow.
        return None;
    }
    let mut state = state()?;
    let strikes = state.strikes(Instant::now());
    let policy = state.policy();
    drop(state);
    if strikes {
        Ending::new(Why::Policy(policy), report)
    } else {
        None
    }
}

/// A task of the root has panicked.
#[cold]
pub(crate) fn root_task_failed() {
    if PanicPolicy::current().reaction == Reaction::Shutdown {
        shutdown::request(Reason::Failed);
    }
}

/// How long a group with this policy that a panic has cancelled may take to come home.
pub(crate) fn unjoined_after(own: Option<&PanicPolicy>) -> Option<Duration> {
    let own = own.and_then(|own| own.unjoined);
    let others = PanicPolicy::current().unjoined;
    own.into_iter().chain(others).min()
}

/// A group with this policy has not come home in so long: ends the process.
pub(crate) fn unjoined(
    site: &'static Site,
    own: Option<&PanicPolicy>,
    after: Duration,
    because: impl fmt::Display,
) -> ! {
    let why = match own {
        Some(own) if own.unjoined == Some(after) => Why::Own(*own, site),
        _ => Why::Policy(PanicPolicy::current()),
    };
    end(why, because)
}
