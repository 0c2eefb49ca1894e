//! The analysis of `#[must_join]` against random bodies of which the truth is known.
//!
//! `grow` makes a body, as a tree. `oracle` walks the tree over all its paths, and knows on each of them where each handle
//! is: that is the truth. `print` makes source of the tree, and the analysis sees nothing but that. They have to agree about
//! every spawn, and about the exit that is told. Where they don't, `shrink` looks for the smallest body about which they differ.
//!
//! The oracle goes by these rules, and by nothing of the analysis:
//!
//! 1. A spawn makes a handle. On each path a handle is in one place: in a variable (alone, in an option, a tuple or a
//!    collection), in a value that waits for the rest of its expression, or nowhere any more.
//! 2. It is joined when it is awaited (by value or through `&mut`), given to a function or a macro that takes it, returned,
//!    stored in a field or a struct that comes about, or when the collection it is in is iterated, drained or popped; each
//!    element is a handle anew in the variable of the loop.
//! 3. It leaks when it is lost before: where its scope ends, in an assignment over it, when a value in waiting is dropped
//!    because `?`, `return`, `break` or `continue` ends the expression, as a statement, and by `drop`, `mem::forget`, `_ =`,
//!    `let _ =`, `timeout(_, h)`, by value in an arm of `select!`, and in `try_join!`. Looking at it changes nothing.
//! 4. `timeout(_, &mut h)` and `&mut h` in `select!` go on two ways: with the handle joined, and as before.
//! 5. Every condition goes both ways, every arm is taken, and every `?` fails or not; a loop is gone round for as long as
//!    something new comes of it. A path that diverges ends there, and what is live on it is no leak.
//! 6. A closure or an async block takes along the variables that it takes by value (all that it names, after `move`), and does at
//!    once what it will do; `?` and `return` end it alone. A spawned block goes its way, whether it ends or not.
//! 7. Each exit has a place: the `?`, the brace, the `;`, what is let go. Told is the first that loses the handle, as a path
//!    comes to them, and how many others do; where no path joins it, the last behind which nothing could.
//! 8. A call of a function of which the analysis is told (by `tracks(…)`, or by how it is declared beside the body) makes a
//!    handle as a spawn does.
//! 9. Under a group only what has a name, or was spawned by another function, can leak: where no path joins it, and none
//!    asks it to stop.
//!
//! 10. A loop that takes out of a collection, puts nothing in and does not ask it whether to go on goes round until nothing is
//!     left. A spawn in the `map` of an option is there or not.
//!
//! What is open is asked in neither direction: whether a path is possible that a flag or an option rules out, whether a
//! handle that was lent as in rule 4 is joined where `is_finished()` says yes, and what becomes of a `timeout`'s result in a
//! variable. And nothing is asked about code that is never reached.
//!
//! Each body has a seed. `REJOIN_SEED=7 REJOIN_BODIES=100000 cargo test -p rejoin-macros-core --test differential -- --nocapture` judges
//! so many bodies from that seed on; a failure names the seed of its body, and `REJOIN_BODIES=1` with it judges that alone.

#![allow(
    clippy::match_same_arms,
    clippy::too_many_lines,
    reason = "one arm for each form, in their order"
)]

mod exit;
mod grow;
mod oracle;
mod print;
mod shrink;
mod tests;
mod tree;
mod uses;

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use syn::{ImplItemFn, parse_quote};

use self::{
    exit::Exit,
    oracle::{Exits, Truth},
    print::{Place, Printed, Stands, print},
    tree::{Body, Site},
};
use rejoin_macros_core::leak::build::Tracked;
use rejoin_macros_core::leak::report::{Leak, Options, leaks_of};
use rejoin_macros_core::scan::Around;

/// So many take half a minute in a debug build on one slow core.
const BODIES: u64 = 10_000;
/// So many mistakes are told at once.
const SHOWN: usize = 3;

/// What the analysis gets wrong about a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// It reports a spawn that leaks on no path.
    FalseAlarm(Site),
    /// It does not report a spawn that leaks.
    Miss(Site),
    /// It reports a spawn more than once.
    Twice(Site),
    /// It reports what is no spawn.
    Elsewhere(Place),
    /// It names an exit that does not lose it, or not the one that it should name, or it counts them wrong.
    Exit(Site),
    Panic,
}

/// What the analysis is told: of some functions by `tracks(…)`, of others by how they are declared in the same module.
fn options(group: bool) -> Options {
    let given = ["start_worker", "Pool::start"].into_iter();
    let given = given.map(|path| path.split("::").map(str::to_owned).collect());
    let mut tracked = Tracked::default();
    tracked.paths = Rc::new(given.collect());
    let beside: [syn::Signature; 4] = [
        parse_quote!(fn open(n: u32) -> JoinHandle<u32>),
        parse_quote!(async fn connect(n: u32) -> Result<JoinHandle<u32>, Failure>),
        parse_quote!(fn crew(n: u32) -> Vec<JoinHandle<u32>>),
        parse_quote!(fn both(n: u32) -> (JoinHandle<u32>, JoinHandle<u32>)),
    ];
    for signature in &beside {
        tracked.note(None, signature);
    }
    Options { group, tracked }
}

/// What the analysis says of the source.
fn judge(source: &str, group: bool) -> Option<Vec<Leak>> {
    let judge = || {
        let function: ImplItemFn = syn::parse_str(source).expect("a function");
        leaks_of(&function, Around::Nothing, &options(group))
    };
    catch_unwind(AssertUnwindSafe(judge)).ok()
}

/// The first mistake about the body, alone or under a group.
fn mistake(body: &Body, truth: &Truth, group: bool) -> Option<Mistake> {
    let printed = print(body);
    let Some(leaks) = judge(&printed.source, group) else {
        return Some(Mistake::Panic);
    };
    let mut told = BTreeSet::new();
    let mut wrong = None;
    for leak in leaks {
        let start = leak.spawn.start();
        let place = (start.line, start.column);
        let Some(site) = printed.site_at(place) else {
            return Some(Mistake::Elsewhere(place));
        };
        if !told.insert(site) {
            return Some(Mistake::Twice(site));
        }
        let exits = truth.exits(site);
        if truth.reaches(site) && !names_exit(&leak, &exits, &printed) {
            wrong.get_or_insert(Mistake::Exit(site));
        }
    }
    let mut asked = (0..body.sites).filter(|site| truth.reaches(*site));
    let judge = |site| match told.contains(&site) {
        true if !truth.may_leak(site, group) => Some(Mistake::FalseAlarm(site)),
        false if truth.leaks(site, group) => Some(Mistake::Miss(site)),
        _ => None,
    };
    asked.find_map(judge).or(wrong)
}

/// Whether the error stands at an exit that loses the handle: the first one, or where no path joins it, the last one
/// behind which nothing could.
fn names_exit(leak: &Leak, exits: &Exits, printed: &Printed) -> bool {
    let mut all: Vec<(Stands, Exit)> = exits
        .some
        .iter()
        .map(|exit| (printed.exits[exit], *exit))
        .collect();
    if all.is_empty() {
        // A false alarm is told as such.
        return true;
    }
    // Of two that end at one place, the inner one comes first.
    all.sort_by_key(|(stands, _)| (stands.behind, Reverse(stands.at)));
    let Some(told) = leak.exit.map(|span| span.start()) else {
        // The spawn itself stands there.
        return all.iter().any(|(_, exit)| exit.lets_go())
            || leak.message.contains("nothing uses `_unused`")
            || leak.message.contains("a handle that nothing uses");
    };
    let more = match all.len() - 1 {
        0 => "and at ".to_owned(),
        1 => "and at 1 other exit".to_owned(),
        more => format!("and at {more} other exits"),
    };
    let counts = leak.message.contains("is not joined when ");
    let counted = !counts || leak.message.contains(&more) == (all.len() > 1);
    let at = |(stands, _): &&(Stands, Exit)| stands.at == (told.line, told.column);
    let first = match exits.joined {
        None => return all.iter().any(|exit| at(&exit)),
        Some(true) => all.first(),
        Some(false) => {
            let last = all.iter().rfind(|(_, exit)| exit.is_last());
            last.or(all.first())
        }
    };
    counted && first.is_some_and(|first| at(&first))
}

/// A smaller body about which the analysis makes the same mistake, in words.
fn report(seed: u64, body: Body, found: Mistake, group: bool) -> String {
    let dead = oracle::truth(&body).is_ok_and(|truth| truth.dead);
    let body = shrink::shrink(body, |smaller| {
        let parses = syn::parse_str::<syn::ImplItemFn>(&print(smaller).source).is_ok();
        let truth = oracle::truth(smaller)
            .ok()
            .filter(|truth| parses && (dead || !truth.dead));
        truth.is_some_and(|truth| mistake(smaller, &truth, group) == Some(found))
    });
    let printed = print(&body);
    let at = |site: Site| match printed.sites[site] {
        Some(((line, column), _)) => format!("the spawn at {line}:{column}"),
        None => format!("spawn {site}"),
    };
    let what = match found {
        Mistake::FalseAlarm(site) => format!("a false alarm: {} leaks on no path", at(site)),
        Mistake::Miss(site) => format!("a miss: {} leaks on some path", at(site)),
        Mistake::Twice(site) => format!("{} is reported twice", at(site)),
        Mistake::Elsewhere((line, column)) => {
            format!("a report at {line}:{column}, where there is no spawn")
        }
        Mistake::Exit(site) => {
            let truth = oracle::truth(&body).ok();
            let exits = truth.map(|truth| truth.exits(site));
            let places = exits.iter().flat_map(|exits| &exits.some);
            let places: Vec<_> = places.map(|exit| printed.exits[exit].at).collect();
            let told: Vec<_> = judge(&printed.source, group)
                .into_iter()
                .flatten()
                .map(|leak| (leak.message, leak.exit.map(|exit| exit.start())))
                .collect();
            format!(
                "the wrong exit for {}: {places:?}, and not {told:?}",
                at(site)
            )
        }
        Mistake::Panic => "the analysis panics".to_owned(),
    };
    let what = format!("{}{what}", if group { "under a group, " } else { "" });
    format!(
        "// {what}\n// made smaller from REJOIN_SEED={seed} REJOIN_BODIES=1\n{}",
        printed.source
    )
}

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, and not {value:?}")),
    )
}

#[test]
fn the_analysis_knows_what_leaks_from_random_bodies() {
    let first = number("REJOIN_SEED").unwrap_or(0);
    let count = number("REJOIN_BODIES").unwrap_or(BODIES);
    let next = AtomicU64::new(0);
    let [judged, leaking, spawns, leaks, open] = [const { AtomicU64::new(0) }; 5];
    let reports = Mutex::new(Vec::new());
    let work = || {
        loop {
            let at = next.fetch_add(1, Relaxed);
            if at >= count {
                break;
            }
            let seed = first.wrapping_add(at);
            let body = grow::grow(&mut fastrand::Rng::with_seed(seed));
            // Where a variable is used after a move, it is no Rust.
            let Ok(truth) = oracle::truth(&body) else {
                continue;
            };
            let sites = || (0..body.sites).filter(|site| truth.reaches(*site));
            judged.fetch_add(1, Relaxed);
            leaking.fetch_add(
                u64::from(sites().any(|site| truth.leaks(site, false))),
                Relaxed,
            );
            spawns.fetch_add(sites().count() as u64, Relaxed);
            leaks.fetch_add(
                sites().filter(|site| truth.leaks(*site, false)).count() as u64,
                Relaxed,
            );
            open.fetch_add(
                sites()
                    .filter(|site| truth.leaks(*site, false) != truth.may_leak(*site, false))
                    .count() as u64,
                Relaxed,
            );
            let found = [false, true]
                .into_iter()
                .find_map(|group| mistake(&body, &truth, group).map(|found| (found, group)));
            if let Some((found, group)) = found {
                let mut reports = reports.lock().expect("nobody panics with it");
                if reports.len() < SHOWN {
                    reports.push(report(seed, body, found, group));
                } else {
                    next.store(count, Relaxed);
                }
            }
            // The text of every body that was parsed is kept for its spans.
            proc_macro2::extra::invalidate_current_thread_spans();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(8)
        {
            scope.spawn(work);
        }
    });
    let [judged, leaking, spawns, leaks, open] =
        [judged, leaking, spawns, leaks, open].map(AtomicU64::into_inner);
    println!("REJOIN_SEED={first} REJOIN_BODIES={count}: {judged} judged, {leaking} of them leak");
    println!("{spawns} spawns, {leaks} of them leak, {open} are not asked about");
    let reports = reports.into_inner().expect("nobody panics with it");
    assert!(
        reports.is_empty(),
        "the analysis and the truth differ:\n\n{}",
        reports.join("\n")
    );
    if count >= BODIES {
        // Else the bodies would prove little.
        assert!(judged > count / 10 * 9, "few bodies are Rust");
        assert!(
            leaking > judged / 4 && leaking < judged / 4 * 3,
            "most bodies leak, or few do"
        );
        assert!(open < spawns / 50, "of many spawns nothing is asked");
    }
}
