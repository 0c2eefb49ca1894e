//! Programs chosen by chance, under schedules chosen by chance: whatever tasks and groups do to each other, a group ends after
//! all that is in it, and every value is dropped once.

extern crate rejoin_schedules as rejoin;

#[path = "../../tests/stress/alive.rs"]
mod alive;
#[path = "../../tests/stress/program.rs"]
mod program;

use std::time::Duration;

use rejoin::check_fairly;
use tokio::sync::watch;

mod chance {
    use shuttle::rand::{Rng, thread_rng};

    pub(super) use tokio::task::yield_now as pause;

    pub(super) fn below(many: u32) -> u32 {
        thread_rng().gen_range(0..many)
    }

    pub(super) fn boom() -> ! {
        // Past shuttle's panic hook, which would tell how to repeat it.
        std::panic::resume_unwind(Box::new("boom"))
    }
}

#[test]
fn a_group_ends_after_all_that_is_in_it() {
    check_fairly(1, || async {
        program::run().await;
        // Orphans that have dropped what is counted may still be dropping the rest.
        while !rejoin::root().join(Duration::ZERO).await.is_empty() {}
    });
}
