//! No lost error: functions under `#[task_group]` with spawns in random positions, of which it is known whether anything
//! can observe the handle.
//!
//! Each spawn's task fails once. Where nothing can observe its handle, the function returns the error, or the compiler
//! refused it with a message of rejoin's; where the handle is looked at, it gives the error. Written in functions that cannot
//! take the error, every task whose handle nothing can observe is refused at its spawn, and no other is.
//!
//! Every form stands alone in a function of the batch, whatever the seed. `REJOIN_SEED=7 REJOIN_FUNCTIONS=2000 cargo test -p
//! rejoin-tests --test positions` judges so many functions of that seed.

#[path = "common/outside.rs"]
mod outside;

#[path = "positions/forms.rs"]
mod forms;
#[path = "positions/generate.rs"]
mod generate;
#[path = "positions/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use forms::Truth;
use generate::{Function, Imports, Spawn};
use program::{Outcome, Returns};

const SEED: u64 = 11;
const FUNCTIONS: usize = 200;
/// So many faults are shown.
const SHOWN: usize = 80;

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, and not {value:?}")),
    )
}

/// The forms around a spawn, and how it is written where that is not `tokio::spawn(work())`.
fn path(function: &Function, spawn: &Spawn) -> Vec<&'static str> {
    let mut path = spawn.forms.clone();
    match function.imports {
        Imports::None => {}
        Imports::InFunction => path.push("imported in the function"),
        Imports::InModule => path.push("imported in the module"),
    }
    if spawn.spelling != "tokio::spawn" {
        path.push(spawn.spelling);
    }
    path
}

fn is_right(truth: Truth, outcome: &Outcome, returns: Returns) -> bool {
    match (returns, truth) {
        // A branch that is not taken.
        (_, _) if *outcome == Outcome::Unreached => true,
        (Returns::Taking, Truth::Function) => {
            matches!(outcome, Outcome::Function | Outcome::Refused)
        }
        (Returns::Taking, Truth::Handle) => *outcome == Outcome::Handle,
        (Returns::Deaf, Truth::Function) => *outcome == Outcome::Refused,
        (Returns::Deaf, Truth::Handle) => *outcome == Outcome::Accepted,
    }
}

/// Whether all of `part` is in `path`, in this order.
fn is_in(part: &[&str], path: &[&str]) -> bool {
    let mut path = path.iter();
    part.iter().all(|form| path.any(|other| other == form))
}

/// A position whose outcome is wrong.
struct Fault<'a> {
    path: Vec<&'static str>,
    outcome: &'a Outcome,
    function: &'a Function,
}

/// Lists the faults by position. Where a position is faulty in the same way alone, those that it is part of are counted.
fn list(mut faults: Vec<Fault<'_>>) -> String {
    faults.sort_by_key(|fault| fault.path.len());
    let mut listed: Vec<(&Fault<'_>, usize)> = Vec::new();
    for fault in &faults {
        let part = listed.iter_mut().find(|(part, _)| {
            let same = discriminant(part.outcome) == discriminant(fault.outcome);
            same && is_in(&part.path, &fault.path)
        });
        match part {
            Some((_, count)) => *count += 1,
            None => listed.push((fault, 1)),
        }
    }
    let lines = listed.iter().map(|(fault, count)| {
        let position = fault.path.join(" > ");
        let (outcome, said) = match fault.outcome {
            Outcome::Broken(said) => ("Broken".to_owned(), &**said),
            outcome => (format!("{outcome:?}"), ""),
        };
        let source = if fault.function.alone {
            ""
        } else {
            &fault.function.body
        };
        let lines = [
            &format!("{count:>4} times {outcome}: {position}"),
            said,
            source,
        ];
        lines
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    });
    lines.take(SHOWN).collect::<Vec<_>>().join("\n")
}

/// Judges a batch, and panics with a list of the faults.
fn judge(returns: Returns) {
    let seed = number("REJOIN_SEED").unwrap_or(SEED);
    let count = number("REJOIN_FUNCTIONS").and_then(|count| usize::try_from(count).ok());
    let functions =
        generate::functions(seed, count.unwrap_or(FUNCTIONS), returns == Returns::Taking);
    let outcomes = program::outcomes(&functions, returns);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    let mut faults = Vec::new();
    for function in &functions {
        // Of several errors that are alike rustc shows the first, and the next one when that is mended.
        let refused = function
            .spawns
            .iter()
            .any(|spawn| outcomes[&spawn.number] == Outcome::Refused);
        for spawn in &function.spawns {
            let (path, outcome) = (path(function, spawn), &outcomes[&spawn.number]);
            let kind = format!("{outcome:?}");
            *counts
                .entry(kind.split('(').next().unwrap().to_owned())
                .or_default() += 1;
            if *outcome != Outcome::Unreached {
                reached.extend(path.clone());
            }
            if returns == Returns::Taking && *outcome == Outcome::Refused {
                println!("refused: {}", path.join(" > "));
            }
            let hidden = refused && *outcome == Outcome::Accepted;
            if !hidden && !is_right(spawn.truth, outcome, returns) {
                faults.push(Fault {
                    path,
                    outcome,
                    function,
                });
            }
        }
    }
    println!(
        "REJOIN_SEED={seed} REJOIN_FUNCTIONS={}: {counts:?}",
        functions.len()
    );
    // Else the truth of the form is not known.
    let forms = functions
        .iter()
        .flat_map(|function| &function.spawns)
        .flat_map(|spawn| &spawn.forms);
    let missed: BTreeSet<_> = forms.filter(|form| !reached.contains(*form)).collect();
    assert!(missed.is_empty(), "no task is started in {missed:?}");
    assert!(faults.is_empty(), "\n{}", list(faults));
}

#[test]
fn no_error_is_lost_silently() {
    judge(Returns::Taking);
}

#[test]
fn an_error_that_cannot_be_taken_is_refused_at_its_spawn() {
    judge(Returns::Deaf);
}
