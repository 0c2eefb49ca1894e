//! A scenario under many schedules.

use std::env;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};

/// So many schedules of a scenario take a second or two in a debug build.
const SCHEDULES: usize = 1_000;

/// How many changes of task a schedule of the second kind is built around: bugs need few.
const CHANGES: usize = 3;

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    let number = text.parse().ok();
    assert!(number.is_some(), "`{name}={text}` is no number");
    number
}

/// Runs a scenario under half as many schedules chosen by chance, and as many that keep to one task where they can.
///
/// `REJOIN_SCHEDULES=100000` runs so many, `REJOIN_SEED=7` the ones that begin with that seed. The seed is printed.
///
/// # Panics
///
/// When the scenario does under one of the schedules; how to repeat that one is printed.
pub fn check<F, S>(scenario: S)
where
    S: Fn() -> F + Send + Sync + Copy + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (seed, schedules) = asked();
    let half = schedules.div_ceil(2);
    run(RandomScheduler::new_from_seed(seed, half), scenario);
    run(PctScheduler::new_from_seed(seed, CHANGES, half), scenario);
}

/// As [`check`], for a scenario in which somebody polls until another task has run: schedules that let everyone run at
/// last, and one of so many, because it is long.
///
/// # Panics
///
/// As [`check`].
pub fn check_fairly<F, S>(one_of: usize, scenario: S)
where
    S: Fn() -> F + Send + Sync + Copy + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (seed, schedules) = asked();
    let schedules = schedules.div_ceil(one_of);
    run(RandomScheduler::new_from_seed(seed, schedules), scenario);
}

/// The seed, and how many schedules.
fn asked() -> (u64, usize) {
    let seed = number("REJOIN_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let schedules = number("REJOIN_SCHEDULES").unwrap_or(SCHEDULES);
    println!("REJOIN_SEED={seed} REJOIN_SCHEDULES={schedules}");
    (seed, schedules)
}

fn run<F, S>(scheduler: impl Scheduler + 'static, scenario: S)
where
    S: Fn() -> F + Send + Sync + Copy + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut config = Config::new();
    // In a debug build the frames of a poll take more than the 32 KiB that a task has here otherwise.
    config.stack_size = 1 << 19;
    // What weaker orderings allow, the models under loom show.
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(move || {
        crate::sync::begin();
        shuttle::future::block_on(scenario());
    });
}
