//! The leaks of a function, put into words.

use proc_macro2::Span;
use syn::{Attribute, ImplItemFn};

use crate::leak::build::{self, About, Exit, Flow, Loss, Spawn, Tracked, Var};
use crate::leak::solve::{self, Fate};
use crate::pass::imports::Names;
use crate::pass::signature::Shape;

use super::messages as words;

/// What the analysis is told beside the body.
#[derive(Default)]
pub struct Options {
    /// Whether a group joins what is discarded.
    pub group: bool,
    /// The functions whose calls yield handles.
    pub tracked: Tracked,
}

/// A spawn whose handle is lost on some path.
#[derive(Debug)]
pub struct Leak {
    /// Where the callee begins.
    pub spawn: Span,
    /// Where the callee ends.
    pub spawn_end: Span,
    /// What leaks it; `None` where that is the spawn itself.
    pub exit: Option<Span>,
    /// What is said at the spawn.
    pub message: String,
    /// What is said at the exit.
    pub exit_message: Option<String>,
    /// The conditions under which both exist.
    pub cfgs: Vec<Attribute>,
}

/// The leaks of one function, in the order of their spawns, each spawn at most once.
pub fn check(function: &ImplItemFn, names: &mut Names, options: &Options) -> Vec<Leak> {
    let flow = build::flow(function, names, &options.tracked);
    let fates = solve::fates(&flow);
    let can_group = !matches!(
        Shape::of(&function.sig, &function.block),
        Shape::Plain | Shape::Returned { .. }
    );
    let mut leaks: Vec<Leak> = Vec::new();
    let mut told: Vec<&Spawn> = Vec::new();
    for (spawn, fate) in flow.spawns.iter().zip(&fates) {
        let Some(worst) = worst(fate) else {
            continue;
        };
        if options.group {
            // What is asked to stop is not expected to tell more.
            let used = fate.joined || fate.stopped;
            if used || !fate.kept && !spawn.tracked {
                continue;
            }
        }
        // One call can make several handles.
        let again = told.last().is_some_and(|last| {
            format!("{:?}", last.span) == format!("{:?}", spawn.span) && spawn.tracked
        });
        if again {
            continue;
        }
        told.push(spawn);
        leaks.push(leak(&flow, spawn, fate, worst, options, can_group));
    }
    leaks
}

/// The exit that is told: the first one, or the end of a handle that nothing joins.
fn worst(fate: &Fate) -> Option<(usize, Var)> {
    let (exit, var) = if fate.joined {
        fate.first?
    } else {
        fate.end.or(fate.first)?
    };
    Some((exit, var))
}

/// Where an exit is shown.
///
/// A block that another macro has printed again has but one span for both of its braces: its end is the place behind it.
fn shown(exit: &Exit) -> Span {
    let ends = matches!(
        exit.loss,
        Loss::EndOfBlock | Loss::EndOfFunction | Loss::EndOfClosure | Loss::EndOfAsync
    );
    if ends && proc_macro::is_available() {
        let span = exit.span.unwrap();
        let (start, end) = (span.start(), span.end());
        if start.line() != end.line() || start.column() + 1 < end.column() {
            return end.into();
        }
    }
    exit.span
}

/// What is known of a variable, or of the one that its handle was moved out of.
fn holder(flow: &Flow, var: Var) -> About {
    let about = |var: Var| flow.vars.get(var.0 as usize);
    let mut holder = about(var).cloned().unwrap_or_default();
    while let (None, Some(from)) = (&holder.name, holder.of.and_then(about)) {
        let aborted = holder.aborted;
        holder = from.clone();
        holder.aborted |= aborted;
    }
    holder
}

fn leak(
    flow: &Flow,
    spawn: &Spawn,
    fate: &Fate,
    (place, var): (usize, Var),
    options: &Options,
    can_group: bool,
) -> Leak {
    let exit = &flow.exits[place];
    let unused = flow.is_unused(var);
    let holder = holder(flow, var);
    let what = words::What {
        thread: spawn.thread,
        tracked: spawn.tracked,
        shadowed: holder.shadowed.is_some_and(|first| first <= place),
        holder,
        loss: if unused { Loss::Unbound } else { exit.loss },
        at_spawn: exit.at_spawn,
        never: !fate.joined,
        more: fate.exits.len() - 1,
        can_group,
    };
    let (message, exit_message) = if options.group {
        words::in_group(&what)
    } else {
        words::of(&what)
    };
    let mut cfgs = spawn.cfgs.clone();
    cfgs.extend(
        exit.cfgs
            .iter()
            .filter(|cfg| !spawn.cfgs.contains(cfg))
            .cloned(),
    );
    Leak {
        spawn: spawn.span.0,
        spawn_end: spawn.span.1,
        exit: exit_message.is_some().then(|| shown(exit)),
        message,
        exit_message,
        cfgs,
    }
}

/// The leaks of a function in text, without options.
pub fn leaks_of(source: &str) -> Vec<Leak> {
    let function: ImplItemFn = syn::parse_str(source).expect("a function");
    let mut names = Names::new(None, []);
    check(&function, &mut names, &Options::default())
}
