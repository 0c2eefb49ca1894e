//! Where the handles are at one point of one path.

use std::collections::HashSet;

use crate::exit::Exit;
use crate::tree::{Label, Pat, Var};

/// What a value holds, as far as handles go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Val {
    /// No handle that still has to be joined.
    Plain,
    /// Handles, one bit for each spawn site; in a variable or an option.
    Live(u64),
    /// Those in a collection, from its front to its back.
    Items(Vec<Item>),
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

/// The handles of one spawn site in a collection: one, or any number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Item {
    pub(super) mask: u64,
    pub(super) many: bool,
}

/// The item of a collection that something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    First,
    Last,
    /// Nobody knows.
    Any,
}

impl Val {
    /// A collection of any number of handles of one site.
    pub(super) fn many(mask: u64) -> Self {
        Self::Items(vec![Item { mask, many: true }])
    }

    /// What is in it, as the items of a collection.
    pub(super) fn items(&self) -> Vec<Item> {
        match self {
            Self::Items(items) => items.clone(),
            Self::Parts(parts) => parts.iter().flat_map(Self::items).collect(),
            val => match val.mask() {
                0 => Vec::new(),
                mask => vec![Item { mask, many: false }],
            },
        }
    }

    pub(super) fn collection(items: Vec<Item>) -> Self {
        if items.is_empty() {
            Self::Plain
        } else {
            Self::Items(items)
        }
    }

    /// It with something put in. A site that is in it already is there any number of times, so that loops come to an end.
    pub(super) fn put(&self, new: &Self, first: bool) -> Self {
        let mut items = self.items();
        for item in new.items() {
            if let Some(same) = items.iter_mut().find(|same| same.mask == item.mask) {
                same.many = true;
            } else if first {
                items.insert(0, item);
            } else {
                items.push(item);
            }
        }
        Self::collection(items)
    }

    /// Each item that can be taken out of it, and what is left then.
    pub(super) fn take(&self, which: Which) -> Vec<(u64, Self)> {
        let items = self.items();
        let mut taken = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let takes = match which {
                Which::First => at == 0,
                Which::Last => at + 1 == items.len(),
                Which::Any => true,
            };
            if takes {
                let mut rest = items.clone();
                if item.many {
                    taken.push((item.mask, Self::Items(rest.clone())));
                }
                rest.remove(at);
                taken.push((item.mask, Self::collection(rest)));
            }
        }
        taken
    }

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
            Self::Items(items) => items.iter().fold(0, |mask, item| mask | item.mask),
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
    /// What is evaluated and waits for the rest of its expression, or for the next round of its loop.
    pub(super) temps: Vec<Val>,
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
        let temps = self.temps[temps..]
            .iter()
            .fold(0, |mask, temp| mask | temp.mask());
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

pub(super) fn distinct<T: Clone + Eq + std::hash::Hash>(mut all: Vec<T>) -> Vec<T> {
    if all.len() > 1 {
        let mut seen = HashSet::new();
        all.retain(|one| seen.insert(one.clone()));
    }
    all
}
