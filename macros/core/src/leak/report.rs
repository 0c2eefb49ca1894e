//! The leaks and the escapes of a function, as errors.

use proc_macro2::Span;
use syn::{Attribute, ImplItemFn};

use super::build::{self, Tracked};
use super::cfg::{Cfg, Exit, LeakKind, Spawn, Var, VarInfo};
use super::messages::{self, Facts};
use super::solve::{self, HandleState};
use crate::item::signature::Shape;
use crate::scan::{self, Around, Resolver, Sites};

/// What the analysis has to know beside the body.
#[derive(Default)]
pub struct Options {
    /// Whether a group joins what is discarded.
    pub group: bool,
    /// The functions whose calls return handles.
    pub tracked: Tracked,
}

/// A spawn whose handle is lost on some path.
#[derive(Debug)]
pub struct Leak {
    /// Where the callee begins.
    pub spawn: Span,
    /// Where the callee ends.
    pub spawn_end: Span,
    /// The exit; `None` if that is the spawn itself.
    pub exit: Option<Span>,
    /// The text at the spawn.
    pub message: String,
    /// The text at the exit.
    pub exit_message: Option<String>,
    /// The `cfg` attributes of both.
    pub cfgs: Vec<Attribute>,
}

/// A spawn whose handle leaves a function that waits for the task before it returns.
#[derive(Debug)]
pub struct Escape {
    /// Where the callee begins.
    pub spawn: Span,
    /// Where the callee ends.
    pub spawn_end: Span,
    /// Where the handle leaves the function.
    pub exit: Span,
    /// The text at the spawn.
    pub message: String,
    /// The text at the exit.
    pub exit_message: String,
    /// The `cfg` attributes of both.
    pub cfgs: Vec<Attribute>,
}

/// The leaks of a function that was scanned, in the order of the spawns, at most one of each.
pub fn check(
    function: &ImplItemFn,
    sites: &Sites,
    resolver: &mut Resolver,
    options: &Options,
) -> Vec<Leak> {
    let cfg = build::build(function, sites, resolver, &options.tracked);
    let states = solve::solve(&cfg);
    let can_group = !matches!(
        Shape::of(&function.sig, &function.block),
        Shape::Plain | Shape::Returned { .. }
    );
    let mut leaks: Vec<Leak> = Vec::new();
    let mut last: Option<&Spawn> = None;
    for (spawn, state) in cfg.spawns.iter().zip(&states) {
        let Some(worst) = worst(state) else {
            continue;
        };
        if options.group {
            // The outcome of a task that is asked to stop is not expected.
            let used = state.joined || state.aborted;
            if used || !state.held && !spawn.tracked {
                continue;
            }
        }
        // One call can create several handles.
        let again = last.is_some_and(|last| {
            spawn.tracked && format!("{:?}", last.span) == format!("{:?}", spawn.span)
        });
        if again {
            continue;
        }
        last = Some(spawn);
        leaks.push(leak(&cfg, spawn, state, worst, options, can_group));
    }
    leaks
}

/// The spawns of a function whose handles leave it: returned, also in a tuple, a struct or an `Option`, or stored behind
/// `self` or another argument. Only certain ones: a handle that is passed to another function may be joined there.
pub fn escapes(
    function: &ImplItemFn,
    sites: &Sites,
    resolver: &mut Resolver,
    tracked: &Tracked,
) -> Vec<Escape> {
    let cfg = build::build(function, sites, resolver, tracked);
    let states = solve::solve(&cfg);
    let escapes = cfg.spawns.iter().zip(&states).filter_map(|(spawn, state)| {
        let exit = &cfg.exits[state.escape.filter(|_| !spawn.tracked)?];
        let returned = exit.kind == LeakKind::Return;
        let (message, exit_message) = messages::escape(spawn.thread, returned);
        Some(Escape {
            spawn: spawn.span.0,
            spawn_end: spawn.span.1,
            exit: exit.span,
            message,
            exit_message,
            cfgs: cfgs(spawn, exit),
        })
    });
    escapes.collect()
}

/// The exit to report: the first one, or the end of a handle that no path joins.
fn worst(state: &HandleState) -> Option<(usize, Var)> {
    if state.joined {
        state.first
    } else {
        state.end.or(state.first)
    }
}

/// Where an exit is shown.
///
/// A block that another macro has printed has one span for both of its braces: the end is at the end of that.
fn shown(exit: &Exit) -> Span {
    if exit.kind.is_end() && proc_macro::is_available() {
        let span = exit.span.unwrap();
        let (start, end) = (span.start(), span.end());
        if start.line() != end.line() || start.column() + 1 < end.column() {
            return end.into();
        }
    }
    exit.span
}

/// The facts about a variable, or about the one with a name that its content was moved out of.
fn holder(cfg: &Cfg, var: Var) -> VarInfo {
    let mut holder = cfg.info(var).cloned().unwrap_or_default();
    // An item is not the collection that it was taken out of.
    while let (None, None, Some(from)) = (
        &holder.name,
        holder.item_of,
        holder.of.and_then(|of| cfg.info(of)),
    ) {
        holder = VarInfo {
            aborted: holder.aborted || from.aborted,
            rest: holder.rest.or(from.rest),
            ..from.clone()
        };
    }
    holder
}

fn leak(
    cfg: &Cfg,
    spawn: &Spawn,
    state: &HandleState,
    (place, var): (usize, Var),
    options: &Options,
    can_group: bool,
) -> Leak {
    let exit = &cfg.exits[place];
    let holder = holder(cfg, var);
    let facts = Facts {
        thread: spawn.thread,
        tracked: spawn.tracked,
        shadowed: holder.shadowed.is_some_and(|first| first <= place),
        holder,
        kind: if cfg.is_unused(var) {
            LeakKind::Unbound
        } else {
            exit.kind
        },
        consumed: exit.consumed.contains(&var),
        at_spawn: exit.at_spawn,
        never: !state.joined,
        more: state.exits.len() - 1,
        can_group,
    };
    let (message, exit_message) = if options.group {
        messages::leak_in_group(&facts)
    } else {
        messages::leak(&facts)
    };
    Leak {
        spawn: spawn.span.0,
        spawn_end: spawn.span.1,
        exit: exit_message.is_some().then(|| shown(exit)),
        message,
        exit_message,
        cfgs: cfgs(spawn, exit),
    }
}

fn cfgs(spawn: &Spawn, exit: &Exit) -> Vec<Attribute> {
    let mut cfgs = spawn.cfgs.clone();
    let others = exit.cfgs.iter().filter(|cfg| !spawn.cfgs.contains(cfg));
    cfgs.extend(others.cloned());
    cfgs
}

/// The leaks of a function, for those who have nothing of it but the syntax: it is scanned in a copy.
pub fn leaks_of(function: &ImplItemFn, around: Around, options: &Options) -> Vec<Leak> {
    let mut function = function.clone();
    let mut resolver = Resolver::new(None, around);
    let sites = scan::scan(&mut function, &mut resolver, false);
    check(&function, &sites, &mut resolver, options)
}

/// As [`leaks_of`], the escapes.
pub fn escapes_of(function: &ImplItemFn, around: Around) -> Vec<Escape> {
    let mut function = function.clone();
    let mut resolver = Resolver::new(None, around);
    let sites = scan::scan(&mut function, &mut resolver, false);
    escapes(&function, &sites, &mut resolver, &Tracked::default())
}
