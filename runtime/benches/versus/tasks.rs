//! Tasks with one yield each: spawned and joined.
//!
//! What a held task costs above a raw one, on one thread with everything in the cache, where the raw one takes about 240
//! ns; found by leaving out one part after the other:
//!
//! | part | ns |
//! |---|---|
//! | being abortable and named: a second reference to the task, a lock, an entry, and their end | 50 |
//! | being counted: the unit of the scope and the reference to the context, twice two atomic steps | 45 |
//! | the context lent and put back, the calls, what little there is to ask | 30 |
//! | the ambient context and the frame that catches panics, in two polls | 5 |
//!
//! An atomic step takes about 10 ns there, and the two processors of the rows below take lines from each other as well.

use super::pairs::{Row, Sample, Target, timed};
use super::work::{held, join_set, launched, raw, rooted, rooted_from, tracker};

const TASKS: usize = 200_000;

pub(crate) const HELD: Row = Row {
    name: "held spawn + await of every handle / raw tokio",
    target: Target::Ratio(1.05),
    ours: || timed(TASKS, held(TASKS)),
    theirs: || timed(TASKS, raw(TASKS)),
};

pub(crate) const HELD_ROOT: Row = Row {
    name: "held spawn in the root / raw tokio",
    target: Target::Ratio(1.05),
    ours: || timed(TASKS, rooted(TASKS)),
    theirs: || timed(TASKS, raw(TASKS)),
};

pub(crate) const HELD_ROOT_20: Row = Row {
    name: "held spawn in the root from 20 sites / raw tokio",
    target: Target::Ratio(1.30),
    ours: || timed(TASKS, rooted_from(20, TASKS)),
    theirs: || timed(TASKS, raw(TASKS)),
};

pub(crate) const HELD_ROOT_200: Row = Row {
    name: "held spawn in the root from 200 sites / raw tokio",
    target: Target::Ratio(1.30),
    ours: || timed(TASKS, rooted_from(200, TASKS)),
    theirs: || timed(TASKS, raw(TASKS)),
};

pub(crate) const LAUNCH: Row = Row {
    name: "launch + join / raw spawn + await of every handle",
    target: Target::Ratio(0.70),
    ours: || timed(TASKS, launched(TASKS)),
    theirs: || timed(TASKS, raw(TASKS)),
};

pub(crate) const LAUNCH_JOIN_SET: Row = Row {
    name: "launch + join / JoinSet",
    target: Target::Ratio(0.50),
    ours: || timed(TASKS, launched(TASKS)),
    theirs: || timed(TASKS, join_set(TASKS)),
};

pub(crate) const LAUNCH_TRACKER: Row = Row {
    name: "launch + join / TaskTracker",
    target: Target::Ratio(0.45),
    ours: || timed(TASKS, launched(TASKS)),
    theirs: || timed(TASKS, tracker(TASKS)),
};

/// One group of `$size` tasks against groups of a thousand, the same number of tasks in all.
macro_rules! flat {
    ($name:ident, $size:literal, $title:literal) => {
        pub(crate) const $name: Row = Row {
            name: $title,
            target: Target::Ratio(1.10),
            ours: || in_groups_of($size),
            theirs: || in_groups_of(1_000),
        };
    };
}
flat!(
    FLAT_4,
    10_000,
    "flat: launch + join, 1e4 tasks a group / 1e3"
);
flat!(
    FLAT_5,
    100_000,
    "flat: launch + join, 1e5 tasks a group / 1e3"
);
flat!(
    FLAT_6,
    1_000_000,
    "flat: launch + join, 1e6 tasks a group / 1e3"
);

fn in_groups_of(size: usize) -> Sample {
    // Enough of them that the processors' time is exact.
    let tasks = size.max(TASKS);
    timed(tasks, async move {
        for _ in 0..tasks / size {
            launched(size).await;
        }
    })
}
