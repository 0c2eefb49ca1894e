//! Small services, each with a `#[rejoin::main]` of its own, for `tests/lifecycle.rs` to start, to signal and to watch.
//!
//! They say on standard output how far they are, and wait for lines on standard input, so that nobody has to sleep.

mod bodies;
mod drains;
mod gate;
mod http;
mod keeps;
mod stuck;

use std::process::{ExitCode, Termination};

fn main() -> ExitCode {
    let case = std::env::args().nth(1).unwrap_or_default();
    match &*case {
        "http" => run(http::served::main),
        "tonic" => run(http::by_tonic::main),
        "load" => run(http::load::main),
        "starting" => run(http::starting::main),
        "pending" => run(drains::pending::main),
        "panic" => run(drains::panic::main),
        "asked" => run(drains::asked::main),
        "by_hand" => run(drains::by_hand::main),
        "reported" => run(drains::reported::main),
        "reported_left" => run(drains::reported_left::main),
        "stdin" => run(drains::stdin::main),
        "events" => run(drains::events::main),
        "returned" => run(bodies::returned::main),
        "err" => run(bodies::err::main),
        "err_left" => run(bodies::err_left::main),
        "worker" => run(bodies::worker::main),
        "panicked" => run(bodies::panicked::main),
        "code" => run(bodies::code::main),
        "code_left" => run(bodies::code_left::main),
        "cut" => run(bodies::cut::main),
        "bad_drop" => run(bodies::bad_drop::main),
        "never" => bodies::never::main(),
        "opaque" => run(bodies::opaque::main),
        "local" => run(bodies::local::main),
        "paused" => run(bodies::paused::main),
        "called" => bodies::called(),
        "spins" => run(stuck::spins::main),
        "spins_alone" => run(stuck::spins_alone::main),
        "body_spins" => run(stuck::body_spins::main),
        "blocks" => run(stuck::blocks::main),
        "open" => run(stuck::open::main),
        "kept" => run(stuck::kept::main),
        "destructor" => run(stuck::destructor::main),
        "keeps_cut" => run(keeps::cut::main),
        "keeps_left" => run(keeps::left::main),
        "keeps_panics" => run(keeps::panics::main),
        "keeps_order" => run(keeps::order::main),
        "keeps_bomb" => run(keeps::bomb::main),
        "keeps_nested" => run(keeps::nested::main),
        "keeps_blocks" => run(keeps::blocks::main),
        "keeps_blocks_left" => run(keeps::blocks::left::main),
        "keeps_twice" => run(keeps::twice::main),
        "keeps_called" => keeps::called(),
        "keeps_without" => run(keeps::without::main),
        _ => ExitCode::from(99),
    }
}

/// Runs a main function as std does.
fn run<T: Termination>(main: fn() -> T) -> ExitCode {
    main().report()
}

/// Says how far the service is.
fn say(words: impl std::fmt::Display) {
    println!("{words}");
}
