//! Panics: seen by one hook, caught by frames, told once.
//!
//! 1. The hook (`hook`) takes a `Record` of every panic and runs no code of others.
//! 2. A frame (`frame`) catches what unwinds into it, finds the record, reports at once, and
//!    makes a [`PanicError`]. Records that it finds beside that were caught inside it by somebody
//!    else; it reports them too.
//! 3. What meets no frame, the reporter thread (`reporter`) reports.
//! 4. A `Record` is reported by whoever wins `Record::claim`: each panic once, whichever of
//!    these ways it takes.
//! 5. What was reported and goes on unwinding is recognised when it is caught again (`ring`).
//! 6. In a forked process there is no reporter: see `crate::fork`. The hook and the frames report themselves, by a line.
//! 7. A deliberate abort (`deliberate`) is no panic: every frame lets it pass.

mod deliberate;
mod error;
mod frame;
mod from_panic;
mod handler;
mod hook;
mod hooks;
mod local;
mod origin;
mod payload;
mod record;
mod reporter;
mod ring;

pub use deliberate::{DeliberateAbort, abort_handler};
pub use error::PanicError;
pub use from_panic::FromPanic;
pub use handler::{PanicKind, PanicReport};
pub use record::PanicLocation;

pub(crate) use frame::{contain_drop, frame, frame_holding, frame_named};
pub(crate) use handler::{add_handler, hand_over};
pub(crate) use hook::{again as install_again, install, is_installed, settle, wait_for_hooks};
pub(crate) use hooks::Hooks;
pub(crate) use local::reporting;
pub(crate) use payload::quietly;
pub(crate) use record::OneLine;
pub(crate) use reporter::{flush, flush_all, is_reporter, take_uncounted};

/// Whether panics can be caught in this build: `false` under `panic = "abort"`.
///
/// There everything compiles and runs as usual, but a panic ends the process; it is reported first,
/// with its task. The feature `require-unwind` makes such a build fail instead.
///
/// ```
/// assert!(rejoin::CATCHES_PANICS, "the tests of this crate unwind");
/// ```
pub const CATCHES_PANICS: bool = cfg!(panic = "unwind");

#[cfg(all(feature = "require-unwind", not(panic = "unwind")))]
compile_error!(
    "the feature `require-unwind` of `rejoin` is on, and this profile has `panic = \"abort\"`: no panic could be caught; \
     set `panic = \"unwind\"` in the profile, or turn the feature off"
);
