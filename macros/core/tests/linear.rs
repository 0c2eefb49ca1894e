//! What an attribute does grows as its input does: for four times as much of everything that can stand in it many times, it
//! allocates at most a little more than four times as often and as much.
//!
//! Whoever goes through tokens or syntax a second time makes something of it, so allocations stand for steps. Nothing is
//! timed, and nothing else runs in this process, not even a test harness.
//! `cargo test -p rejoin-macros-core --test linear -- --all` shows the growth of each.

use std::alloc::System;
use std::collections::HashSet;

use proc_macro2::TokenStream;
use rejoin_macros_core::{guarded, must_join, task_group};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Four times as much may cost so many times as much: a `Vec` that grows can have been lucky the first time.
const GROWTH: f64 = 4.6;

type Expand = fn(TokenStream, TokenStream) -> TokenStream;

const ATTRIBUTES: &[(&str, &str, Expand)] = &[
    ("guarded", "", guarded),
    ("guarded", "on_panic = \"unwind\"", guarded),
    ("task_group", "", task_group),
    ("task_group", "limit = 2", task_group),
    ("must_join", "", must_join),
];

/// A name, what comes before, what comes many times with its number for `@`, what comes after, and how many times at first.
type Shape = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    usize,
);

/// What begins most: with a spawn, so that none of it is left unread.
const F: &str = "async fn f() -> Result<(), E> { tokio::spawn(a());";

#[rustfmt::skip]
const ITEMS: &[Shape] = &[
    ("statements", F, "let x@ = f(@)?; x@.m(a).await; if c { g(x@); }", "}", 200),
    ("spawns", F, "tokio::spawn(f(@));", "}", 100),
    ("unused names", F, "let _h@ = tokio::spawn(f(@));", "}", 100),
    ("unused names of others", F, "let _x@ = f(@);", "}", 200),
    ("handles joined soon", F, "let h@ = tokio::spawn(f(@)); g()?; h@.await;", "}", 80),
    ("handles in one variable", F, "h = tokio::spawn(f(@)); h.await;", "}", 80),
    ("handles in one collection", "async fn f() { let mut hs = Vec::new();", "hs.push(tokio::spawn(f(@)));", "join_all(hs).await; }", 80),
    ("methods that may spawn", F, "set.spawn(f(@)); a.b.spawn_on(f(@), g);", "}", 80),
    ("arms", "async fn f() { match x {", "A@ | B@(y) if y => tokio::spawn(f(@)),", "_ => {} } }", 80),
    ("arms that hold", "async fn f() { let h = match x {", "A@ => tokio::spawn(f(@)),", "}; h.await; }", 80),
    ("branches", F, "if c@ { tokio::spawn(f(@)); } else ", "{} }", 80),
    ("branches of select", "async fn f() { tokio::select! {", "x@ = g(@), if c => { tokio::spawn(f(x@)); }", "} }", 60),
    ("lent in select", "async fn f() { let mut h = tokio::spawn(f()); loop { tokio::select! {", "x@ = g(@) => { if x@ { continue } }", "_ = &mut h => break, } } }", 60),
    ("calls in a macro", "async fn f() { tokio::spawn(a()); vec![", "f(@, x),", "]; }", 400),
    ("imported spawns in a macro", "async fn f() { use tokio::spawn; vec![", "spawn(f(@)),", "]; }", 100),
    ("generics in a macro", "async fn f() { tokio::spawn(a()); vec![", "a::<B<C>, D>(@), ", "]; }", 100),
    ("unclosed generics in a macro", "async fn f() { tokio::spawn(a()); vec![", "{ spawn::<1, } ", "]; }", 200),
    ("blocks in a macro", "async fn f() { tokio::spawn(a()); println!(x, ", "{ f(@); g!(@) }, ", "); }", 100),
    ("blocks that are none in a macro", "async fn f() { tokio::spawn(a()); println!(x, ", "{ @ => @ }, ", "); }", 100),
    ("tokens of another macro", "async fn f() { tokio::spawn(a()); other! {", "<a> @ + {x} </a>", "} }", 400),
    ("logged", F, "info!(x = @, \"{x@} {y}\"); let x@ = 1;", "}", 100),
    ("functions", "mod m {", "async fn f@(a: &str) { tokio::spawn(g(a)); }", "}", 40),
    ("functions that return handles", "mod m {", "fn f@() -> JoinHandle<()> { tokio::spawn(g(a)) }", "}", 40),
    ("methods that return handles", "impl S {", "fn f@(&self) -> JoinHandle<()> { self.f@() } fn g@() { let h = Self::f@(); h.await }", "}", 40),
    ("modules", "mod m {", "mod m@ { use tokio::spawn; fn f() { spawn(g()); } }", "}", 40),
    ("traits and impls", "mod m {", "trait A@ { fn f() { tokio::spawn(g()); } } impl A@ for S { fn f() {} }", "}", 40),
    ("imports", "mod m {", "use a::{b@, c as d@};", "fn f() { b1(x); tokio::spawn(y); } }", 200),
    ("alternatives", "mod m {", "#[cfg(a@)] use b@::c as spawn; #[cfg(b@)] use tokio as b@;", "fn f() { spawn(x); tokio::spawn(y); } }", 100),
    ("alternatives of alternatives", "mod m {", "use b::x as a; use c::x as b; use d::x as c; use e::x as d; use tokio::x as e;", "fn f() { a::spawn(x); tokio::spawn(y); } }", 8),
    ("blocks with imports", "async fn f() {", "{ use a::spawn@; tokio::spawn(f(@)); }", "}", 60),
    ("captured", "async fn f() {", "let mut x@ = tokio::spawn(f(@)); g(async move { x@.await });", "}", 60),
    ("captured one by one", "async fn f() { let mut h = tokio::spawn(f());", "g(|x| h.is_finished());", "h.await; }", 80),
    ("captured together", "async fn f() { let h = tokio::spawn(f()); let g = async move { let x = h;", "let mut x@ = @; let y = move || x@;", "}; }", 60),
    ("asked of one flag", "async fn f() { let mut h = tokio::spawn(f()); let mut done = false; loop {", "if c@ { h.await; done = true; }", "if done { break } } }", 40),
    ("asking one flag", "async fn f() { let mut h = tokio::spawn(f()); let mut done = false; if c { h.await; done = true; }", "if done { g(@); }", "if !done { h.await; } }", 80),
    ("setting and asking one flag", "async fn f() { let mut h = tokio::spawn(f()); let mut done = false;", "if c@ { h.await; done = true; } if !done { h.await; }", "}", 20),
    ("flags", "async fn f() {", "let mut h@ = tokio::spawn(f()); let mut d@ = false; if c { h@.await; d@ = true; } if !d@ { h@.await; }", "}", 20),
    ("parameters", "async fn f(", "(a@, mut b@): (u8, &str),", ") { tokio::spawn(g(a0)); }", 60),
    ("plain parameters", "async fn f(", "a@: u8,", ") { tokio::spawn(g(a0)); }", 60),
    ("loops", F, "'a@: loop { for x in y { if x { continue 'a@ } if z { break 'a@ } tokio::spawn(f(@)); } }", "}", 40),
    ("exits of one loop", "async fn f() { let h = tokio::spawn(a()); 'a: loop {", "if c@ { break 'a; } if d@ { continue; } g(@)?;", "} h.await; }", 60),
    ("conditional statements", F, "#[cfg(a@)] tokio::spawn(f(@)); #[cfg(not(a@))] let x = 1;", "}", 60),
    ("leaks", "async fn f() {", "let h@ = tokio::spawn(f(@)); drop(h@);", "}", 40),
    ("exits of one leak", "async fn f() { let h = tokio::spawn(f());", "g(@)?;", "}", 80),
    ("labelled blocks", F, "'b@: { if c { break 'b@; } tokio::spawn(f(@)); }", "}", 60),
    ("strings", F, "let _x = tokio::spawn(f(\"{a} {b@} {_x\"));", "}", 60),
    ("nested modules", "mod m { mod a { mod b { mod c { mod d { impl S {", "fn f@() { tokio::spawn(g()); }", "} } } } } }", 40),
    ("nested functions", F, "fn f@() { fn g() { fn h() { tokio::spawn(x); } } }", "}", 60),
    ("tuples", "async fn f() { let (", "a@,", "b) = g(tokio::spawn(x), (1, 2)); }", 100),
];

#[rustfmt::skip]
const ARGUMENTS: &[Shape] = &[
    ("one option again", "", "name = \"a\",", "", 60),
    ("unknown options", "", "x@ = 1,", "", 60),
    ("tracks again", "", "tracks(a@),", "", 60),
    ("tracked", "tracks(", "a::b@,", ")", 60),
    ("a long value", "name = f(", "@,", ")", 60),
];

fn tokens((name, before, each, after, _): &Shape, many: usize) -> TokenStream {
    let each: String = (0..many)
        .map(|number| each.replace('@', &number.to_string()))
        .collect();
    format!("{before}{each}{after}")
        .parse()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// How often and how much an expansion allocates.
#[allow(clippy::cast_precision_loss, reason = "a measure")]
fn cost(expand: Expand, args: TokenStream, item: TokenStream) -> [f64; 2] {
    let region = Region::new(ALLOCATOR);
    let expanded = expand(args, item);
    let stats = region.change();
    drop(expanded);
    // The text of what was parsed is kept for its spans.
    proc_macro2::extra::invalidate_current_thread_spans();
    let often = stats.allocations + stats.reallocations;
    [often as f64, stats.bytes_allocated as f64]
}

/// The name that this test answers to.
const NAME: &str = "expansion_grows_as_its_input_does";

/// The flags and filters of a command line, as the standard harness reads them: `cargo test` and nextest pass no others.
#[derive(Default)]
struct Options {
    flags: HashSet<String>,
    filters: Vec<String>,
    skip: Vec<String>,
}

impl Options {
    fn of(mut args: impl Iterator<Item = String>) -> Self {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match &*arg {
                "--skip" => options.skip.extend(args.next()),
                // Their values are no filters.
                "--format" | "--test-threads" | "--color" | "--logfile" | "-Z" => drop(args.next()),
                flag if flag.starts_with('-') => drop(options.flags.insert(arg)),
                _ => options.filters.push(arg),
            }
        }
        options
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }

    fn select(&self, name: &str) -> bool {
        let exact = self.has("--exact");
        let is = |filter: &String| filter == name || !exact && name.contains(filter.as_str());
        let chosen = self.filters.is_empty() || self.filters.iter().any(is);
        chosen && !self.skip.iter().any(is) && !self.has("--ignored")
    }
}

fn main() {
    let options = Options::of(std::env::args().skip(1));
    if !options.select(NAME) {
        return;
    }
    if options.has("--list") {
        println!("{NAME}: test");
    } else {
        measure(options.has("--all"));
    }
}

/// Lets every attribute expand every shape twice, and panics where one grows faster than its input.
fn measure(all: bool) {
    let mut faults = Vec::new();
    let mut judge = |shape: &Shape, attribute: &str, args: &str, costs: [[f64; 2]; 2]| {
        let [[often, much], [often_then, much_then]] = costs;
        let (often, much) = (often_then / often, much_then / much);
        let line = format!(
            "{:<32} {often:>5.2} {much:>5.2}  #[{attribute}({args})]",
            shape.0
        );
        if all {
            println!("{line}");
        }
        if often.max(much) > GROWTH {
            faults.push(line);
        }
    };
    for shape in ITEMS {
        for (attribute, args, expand) in ATTRIBUTES {
            let costs = [1, 4].map(|times| {
                let args = args.parse().expect("arguments");
                cost(*expand, args, tokens(shape, shape.4 * times))
            });
            judge(shape, attribute, args, costs);
        }
    }
    for shape in ARGUMENTS {
        for (attribute, _, expand) in ATTRIBUTES {
            let costs = [1, 4].map(|times| {
                let item = "async fn f() { tokio::spawn(a()); b(); }"
                    .parse()
                    .expect("an item");
                cost(*expand, tokens(shape, shape.4 * times), item)
            });
            judge(shape, attribute, "…", costs);
        }
    }
    println!(
        "{} shapes, each four times as large",
        (ITEMS.len() + ARGUMENTS.len()) * ATTRIBUTES.len()
    );
    assert!(
        faults.is_empty(),
        "these grow faster than their input:\n{}",
        faults.join("\n")
    );
}
