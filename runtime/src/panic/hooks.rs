//! What this layer asks of those above it: they install it, so that nothing here imports them.

use std::sync::OnceLock;

use super::handler::PanicReport;
use crate::fork;
use crate::site::TaskInfo;
use crate::stderr;

/// The layers above, as functions.
pub(crate) struct Hooks {
    /// The task that runs on this thread. For the panic hook: takes no lock, runs no code of others.
    pub(crate) task: fn() -> Option<TaskInfo>,
    /// The name of the request that is served on this thread. For the panic hook, as `task`.
    pub(crate) request: fn() -> Option<String>,
    /// Reports a panic whose record was claimed.
    pub(crate) report: fn(&PanicReport),
    /// As `report`, as much of it as the panic hook can do.
    pub(crate) report_in_hook: fn(&PanicReport),
    /// Is called once the panic hook is in place.
    pub(crate) installed: fn(),
}

static HOOKS: OnceLock<&'static Hooks> = OnceLock::new();

pub(super) fn set(hooks: &'static Hooks) {
    HOOKS.get_or_init(|| hooks);
}

pub(super) fn get() -> Option<&'static Hooks> {
    HOOKS.get().copied()
}

/// Reports a panic whose record was claimed.
pub(super) fn report(report: &PanicReport) {
    match get() {
        // No entry of the crate was called before, so a line is all that there can be.
        None => stderr::say(&report.to_string()),
        Some(hooks) if fork::is_forked() => (hooks.report_in_hook)(report),
        Some(hooks) => (hooks.report)(report),
    }
}
