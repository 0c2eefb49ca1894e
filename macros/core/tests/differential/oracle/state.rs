//! Where the handles are at one point of one path.

use std::collections::HashSet;

use crate::exit::Exit;
use crate::tree::{Label, Pat, Var};

/// What a value holds, as far as handles go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Val {
    /// No handle that still has to be joined.
    Plain,
    /// Handles, one bit for each spawn site; in a variable, an option or a collection.
    Live(u64),
    /// The same, after it was lent to a `timeout` or a `select!` that ended without it.
    Lent(u64),
    Parts(Vec<Val>),
    /// An option that is known to have a value, or none.
    Some(Box<Val>),
    None,
    /// A result that is known to be `Ok` or `Err`.
    Result(bool),
    Bool(bool),
}

impl Val {
    pub(super) fn of(mask: u64) -> Self {
        if mask == 0 {
            Self::Plain
        } else {
            Self::Live(mask)
        }
    }

    pub(super) fn mask(&self) -> u64 {
        match self {
            Self::Live(mask) | Self::Lent(mask) => *mask,
            Self::Parts(parts) => parts.iter().fold(0, |mask, part| mask | part.mask()),
            Self::Some(inner) => inner.mask(),
            Self::Plain | Self::None | Self::Result(_) | Self::Bool(_) => 0,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// The variables in scope; those without a value are moved away, or not set yet.
    pub(super) scope: Vec<(Var, Option<Val>)>,
    /// What is evaluated and waits for the rest of its expression.
    pub(super) temps: Vec<u64>,
}

impl State {
    pub(super) fn everything(&self) -> u64 {
        self.above((0, 0))
    }

    pub(super) fn mark(&self) -> (usize, usize) {
        (self.scope.len(), self.temps.len())
    }

    pub(super) fn above(&self, (scope, temps): (usize, usize)) -> u64 {
        let slots = self.scope[scope..]
            .iter()
            .filter_map(|(_, slot)| slot.as_ref());
        let temps = self.temps[temps..].iter().fold(0, |mask, temp| mask | temp);
        slots.fold(temps, |mask, val| mask | val.mask())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    Go(Val),
    /// What leaves says by which exit.
    Break(Option<Label>, Val, Exit),
    Continue(Option<Label>, Exit),
    Return(Val, Exit),
}

pub(super) type Outs = Vec<(State, Flow)>;

/// What is matched: a variable where it stands, or a value that waits.
#[derive(Clone)]
pub(super) enum Subject {
    Place(Var),
    Temp(usize, Val),
}

/// Whether the pattern can match the value, and whether it can fail to.
pub(super) fn fits(pat: &Pat, val: &Val) -> (bool, bool) {
    match (pat, val) {
        (Pat::Some(_), Val::None) | (Pat::None, Val::Some(_)) => (false, true),
        (Pat::Result(ok, text), Val::Result(val)) => {
            (ok == val, ok != val || text.matches('(').count() > 1)
        }
        (Pat::Some(_), Val::Some(_)) | (Pat::None, Val::None) => (true, false),
        (pat, _) => (
            true,
            matches!(
                pat,
                Pat::Some(_) | Pat::None | Pat::Result(..) | Pat::Text(_)
            ),
        ),
    }
}

/// The values that an element of a collection may have.
pub(super) fn bits(mask: u64) -> impl Iterator<Item = Val> {
    let plain = (mask == 0).then_some(Val::Plain);
    (0..u64::BITS)
        .map(move |bit| mask & (1 << bit))
        .filter(|bit| *bit != 0)
        .map(Val::Live)
        .chain(plain)
}

pub(super) fn distinct<T: Clone + Eq + std::hash::Hash>(mut all: Vec<T>) -> Vec<T> {
    if all.len() > 1 {
        let mut seen = HashSet::new();
        all.retain(|one| seen.insert(one.clone()));
    }
    all
}
