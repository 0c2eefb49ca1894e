//! The policy of a function or a group: stricter than that of the process, never milder.
//!
//! 1. A panic is weighed where the function or the group has it, after it was reported; the policy of the process has
//!    weighed it before.
//! 2. Each place in the source has a count of its own, whatever the number of calls, threads and types it runs with.
//! 3. One panic counts once at a place, also where it goes through several calls of a function, or through a group's scope
//!    and then its guard.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::window::Window;
use super::{PanicPolicy, Reaction, Why, end};
use crate::fork;
use crate::panic::PanicError;
use crate::shutdown::{self, Reason};
use crate::site::{Place, Site};

/// Does what the policy at a place says about a panic there. Does not return where that ends the process.
#[cold]
pub(crate) fn weigh_at(policy: PanicPolicy, site: &'static Site, panic: &PanicError) {
    if policy.reaction == Reaction::Recover || panic.is_deliberate() || !panic.counts_at(site) {
        return;
    }
    let strikes = match policy.reaction {
        Reaction::Recover => false,
        Reaction::Shutdown => {
            shutdown::request(Reason::Failed);
            false
        }
        Reaction::Abort => true,
        Reaction::AbortAfter { panics, within } => fills(site, panics, within),
    };
    if strikes {
        end(Why::Own(policy, site), panic);
    }
}

static WINDOWS: Mutex<BTreeMap<Place, Window>> = Mutex::new(BTreeMap::new());

/// Counts a panic at its place.
fn fills(site: &'static Site, panics: u32, within: Duration) -> bool {
    fork::lock(&WINDOWS).is_some_and(|mut windows| {
        let window = windows.entry(site.place()).or_default();
        window.fills(Instant::now(), panics, within)
    })
}

/// Whether no thread that is gone holds the lock.
pub(super) fn is_free() -> bool {
    fork::lock(&WINDOWS).is_some()
}

/// As it was written: `abort if unjoined for 30s` alone says nothing of panics.
pub(super) struct Written(pub(super) PanicPolicy);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.strip_prefix("recover, ").unwrap_or(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catch::catch_sync;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn each_place_has_a_count_of_its_own() {
        const HERE: &Site = &Site::new("a::here");
        const THERE: &Site = &Site::new("a::there");
        assert!(!fills(HERE, 2, MINUTE));
        assert!(!fills(THERE, 2, MINUTE));
        assert!(fills(HERE, 2, MINUTE));
        assert!(fills(THERE, 2, MINUTE));
    }

    #[test]
    fn a_generic_function_is_one_place() {
        fn site<T>(_: T) -> &'static Site {
            const { &Site::new("a::generic") }
        }
        assert!(!fills(site(1_u8), 2, MINUTE));
        assert!(fills(site("text"), 2, MINUTE));
    }

    #[test]
    fn a_panic_counts_once_at_a_place() {
        const OUTER: &Site = &Site::new("a::outer");
        const INNER: &Site = &Site::new("a::inner");
        let panic = catch_sync(|| panic!("twice")).unwrap_err();
        assert!(panic.counts_at(INNER));
        assert!(panic.counts_at(OUTER));
        assert!(!panic.counts_at(INNER));
        // It is the same one after it has unwound.
        let again = catch_sync(|| panic.resume()).unwrap_err();
        assert!(!again.counts_at(OUTER));
    }

    #[test]
    fn a_policy_is_shown_as_it_was_written() {
        let unjoined = PanicPolicy::recover().abort_if_unjoined(MINUTE);
        assert_eq!(Written(unjoined).to_string(), "abort if unjoined for 60s");
        assert_eq!(Written(PanicPolicy::abort()).to_string(), "abort");
        assert_eq!(Written(PanicPolicy::recover()).to_string(), "recover");
    }
}
