//! Ours and the peers', side by side: the speed table of the design, measured.
//!
//! `cargo bench -p rejoin --bench versus` measures every row; words after `--` pick the rows that contain one of them,
//! and `--save` puts the table into the docs.
//! The layer around a service is in `--features tower`.
//! A row runs both sides alternately in this process and shows the median of the ratios, with the least and the greatest.

mod groups;
mod guards;
mod http;
#[path = "../measured/mod.rs"]
mod measured;
mod pairs;
mod tasks;
mod work;

use std::fmt::Write;

use measured::Arguments;
use pairs::Row;

/// Every row of the table, in its order.
const ROWS: &[Row] = &[
    tasks::HELD,
    tasks::HELD_ROOT,
    tasks::HELD_ROOT_20,
    tasks::HELD_ROOT_200,
    tasks::LAUNCH,
    tasks::LAUNCH_JOIN_SET,
    tasks::LAUNCH_TRACKER,
    tasks::FLAT_4,
    tasks::FLAT_5,
    tasks::FLAT_6,
    groups::CANCEL,
    groups::ONE_CHILD,
    guards::READY,
    guards::READY_CATCH,
    guards::YIELDING_CATCH,
    http::BARE,
    http::LAYER,
    #[cfg(feature = "tower")]
    http::GUARD_LAYER_BARE,
    #[cfg(feature = "tower")]
    http::GUARD_LAYER,
    #[cfg(feature = "tower")]
    http::REQUEST,
];

#[allow(dead_code, reason = "another bench runs the same rows")]
fn main() {
    run("versus");
}

/// Measures the rows; their table is kept under this name.
pub(crate) fn run(name: &str) {
    let arguments = Arguments::get();
    println!("{}", pairs::HEADER);
    let mut table = format!("{}\n", pairs::HEADER);
    for row in ROWS.iter().filter(|row| arguments.pick(row.name)) {
        let line = row.measure();
        println!("{line}");
        table.push_str(&line);
        table.push('\n');
    }
    if arguments.pick("size") {
        let sizes = guards::sizes();
        println!("{sizes}");
        let _ = write!(table, "\n{sizes}.\n");
    }
    arguments.save(&format!("{name}.md"), &table);
}
