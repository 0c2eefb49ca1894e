//! Ours and the peers', side by side: the speed table of the design, measured.
//!
//! `cargo bench -p rejoin --bench versus` measures every row; words after `--` pick the rows that contain one of them.
//! The layer around a service is in `--features tower`.
//! A row runs both sides alternately in this process and shows the median of the ratios, with the least and the greatest.

mod groups;
mod guards;
mod http;
mod pairs;
mod tasks;

use pairs::Row;

/// Every row of the table, in its order.
const ROWS: &[Row] = &[
    tasks::HELD,
    tasks::HELD_ROOT,
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

pub(crate) fn main() {
    let picked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    println!("{}", pairs::HEADER);
    for row in ROWS {
        if picked.is_empty() || picked.iter().any(|word| row.name.contains(word.as_str())) {
            println!("{}", row.measure());
        }
    }
    if picked.is_empty() || picked.iter().any(|word| "size".contains(word.as_str())) {
        guards::print_sizes();
    }
}
