//! The dataflow analysis: which handles are lost, and at which exits.
//!
//! A state is the set of handles that are alive on some path to a point, each with its variable. Paths merge by union, and
//! loops are iterated to a fixpoint: each handle is added once, and its facts only grow. No paths are enumerated.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::cfg::{Cfg, End, Event, Var};

/// The outcome for the handles of one spawn.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct HandleState {
    /// The first exit that loses one, with its variable there.
    pub(super) first: Option<(usize, Var)>,
    /// The last exit that loses one and that no later code could avoid.
    pub(super) end: Option<(usize, Var)>,
    /// The places of the exits that lose one.
    pub(super) exits: HashSet<usize>,
    /// Whether an exit loses one that is not discarded in the source.
    pub(super) held: bool,
    /// Whether one is joined on some path.
    pub(super) joined: bool,
    /// Whether one is asked to stop on some path.
    pub(super) aborted: bool,
    /// The first exit that gives one to the caller.
    pub(super) escape: Option<usize>,
}

impl HandleState {
    fn lose(&mut self, cfg: &Cfg, exit: usize, var: Var) {
        let lost = (exit, var);
        self.exits.insert(cfg.exits[exit].place);
        if self.first.is_none_or(|first| lost < first) {
            self.first = Some(lost);
        }
        if cfg.exits[exit].kind.is_final() && self.end.is_none_or(|end| lost > end) {
            self.end = Some(lost);
        }
        self.held |= !cfg.is_discarded(exit, var);
    }
}

/// The outcome for each spawn.
pub(super) fn solve(cfg: &Cfg) -> Vec<HandleState> {
    let mut outcomes = vec![HandleState::default(); cfg.spawns.len()];
    if cfg.spawns.is_empty() {
        return outcomes;
    }
    let order = reverse_postorder(cfg);
    let mut place = vec![usize::MAX; cfg.nodes.len()];
    for (index, node) in order.iter().enumerate() {
        place[*node] = index;
    }
    let mut entries: Vec<Option<State>> = vec![None; cfg.nodes.len()];
    entries[0] = Some(State::default());
    let mut queued = vec![false; order.len()];
    let mut queue = BinaryHeap::from([Reverse(0)]);
    while let Some(Reverse(index)) = queue.pop() {
        let node = &cfg.nodes[order[index]];
        queued[index] = false;
        let Some(mut state) = entries[order[index]].clone() else {
            continue;
        };
        for event in &node.events {
            state.apply(event, &mut |_| {});
        }
        for next in &node.next {
            let grew = match &mut entries[*next] {
                Some(entry) => entry.merge(&state),
                entry => {
                    *entry = Some(state.clone());
                    true
                }
            };
            let index = place[*next];
            if grew && !queued[index] {
                queued[index] = true;
                queue.push(Reverse(index));
            }
        }
    }
    for node in order {
        let Some(mut state) = entries[node].take() else {
            continue;
        };
        for event in &cfg.nodes[node].events {
            state.apply(event, &mut |(var, spawn)| {
                let outcome = &mut outcomes[spawn];
                match event {
                    Event::Drop(_, exit) => outcome.lose(cfg, *exit, var),
                    Event::Abort(_) => outcome.aborted = true,
                    Event::Escape(_, exit) => {
                        outcome.joined = true;
                        outcome.escape = Some(outcome.escape.map_or(*exit, |e| e.min(*exit)));
                    }
                    _ => outcome.joined = true,
                }
            });
        }
    }
    outcomes
}

/// The reachable nodes, each before its successors except along back edges.
fn reverse_postorder(cfg: &Cfg) -> Vec<usize> {
    let mut seen = vec![false; cfg.nodes.len()];
    let mut order = Vec::new();
    let mut stack = vec![(0, 0)];
    seen[0] = true;
    while let Some((node, child)) = stack.pop() {
        match cfg.nodes[node].next.get(child) {
            Some(next) => {
                stack.push((node, child + 1));
                if !seen[*next] {
                    seen[*next] = true;
                    stack.push((*next, 0));
                }
            }
            None => order.push(node),
        }
    }
    order.reverse();
    order
}

/// The handles that are alive on some path to a point, sorted by variable and spawn. Paths share them until one changes
/// them, so a branch without events is free.
#[derive(Clone, Debug, Default)]
struct State(Rc<Vec<Alive>>);

/// The handles of one spawn in one variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Alive {
    var: Var,
    spawn: usize,
    /// Whether a path has not lent it.
    unlent: bool,
    /// Whether a struct owns it on some path.
    stored: bool,
    /// The field of a tuple that it is in: the nested indices plus one, the outermost in the lowest bits. Zero if unknown.
    field: u32,
    /// At most so many items of the collection are before and after it. In one without order, `before` counts all others.
    before: u8,
    after: u8,
}

/// This many items, or more.
const MANY: u8 = 8;

fn more(count: u8, by: u8) -> u8 {
    (count + by).min(MANY)
}

/// One less, if there is one.
fn less(count: u8) -> Option<u8> {
    match count {
        MANY => Some(MANY),
        count => count.checked_sub(1),
    }
}

impl Alive {
    fn new(var: Var, spawn: usize) -> Self {
        Self {
            var,
            spawn,
            unlent: true,
            stored: false,
            field: 0,
            before: 0,
            after: 0,
        }
    }

    /// It as a field of a tuple. Of a deep or a long one the field is unknown.
    fn packed(self, index: u8) -> Self {
        let (inner, index) = (self.field << FIELD, u32::from(index) + 1);
        let field = if inner >> FIELD == self.field && index < 1 << FIELD {
            inner | index
        } else {
            0
        };
        Self { field, ..self }
    }

    fn key(&self) -> (Var, usize) {
        (self.var, self.spawn)
    }

    fn merge(&mut self, other: &Self) {
        self.unlent |= other.unlent;
        self.stored |= other.stored;
        if self.field != other.field {
            self.field = 0;
        }
        self.before = self.before.max(other.before);
        self.after = self.after.max(other.after);
    }

    /// What is left of it when an item is taken.
    fn without_one(self, end: End) -> Option<Self> {
        let (before, after) = match (end, self.before, self.after) {
            (End::Front, before, after) => (less(before)?, after),
            (End::Back, before, after) => (before, less(after)?),
            (End::Any, 0, after) => (0, less(after)?),
            (End::Any, before, 0) => (less(before)?, 0),
            (End::Any, before, after) => (before, after),
        };
        Some(Self {
            before,
            after,
            ..self
        })
    }
}

/// So many bits have the index of one field.
const FIELD: u32 = 4;

impl State {
    fn range(&self, vars: &Range<Var>) -> Range<usize> {
        let begin = self.0.partition_point(|alive| alive.var < vars.start);
        let length = self.0[begin..].partition_point(|alive| alive.var < vars.end);
        begin..begin + length
    }

    fn of(&self, var: Var) -> &[Alive] {
        &self.0[self.range(&var.alone())]
    }

    fn insert(&mut self, new: Alive) {
        let place = self.0.partition_point(|alive| alive.key() < new.key());
        let alive = Rc::make_mut(&mut self.0);
        match alive.get_mut(place) {
            Some(alive) if alive.key() == new.key() => alive.merge(&new),
            _ => alive.insert(place, new),
        }
    }

    /// Removes the content of variables.
    fn take(&mut self, vars: &Range<Var>) -> Vec<Alive> {
        let range = self.range(vars);
        if range.is_empty() {
            return Vec::new();
        }
        Rc::make_mut(&mut self.0).drain(range).collect()
    }

    /// Adds another state; returns whether anything was new.
    fn merge(&mut self, other: &Self) -> bool {
        if Rc::ptr_eq(&self.0, &other.0) {
            return false;
        }
        let mut mine = self.0.iter().peekable();
        let all = other.0.iter().all(|new| {
            while mine.next_if(|own| own.key() < new.key()).is_some() {}
            mine.peek().is_some_and(|own| {
                let mut merged = **own;
                merged.merge(new);
                own.key() == new.key() && merged == **own
            })
        });
        if all {
            return false;
        }
        if other.0.len() < 8 {
            // Paths that merge often add one handle each to many.
            for new in other.0.iter() {
                self.insert(*new);
            }
            return true;
        }
        let mut both = Vec::with_capacity(self.0.len() + other.0.len());
        both.extend_from_slice(&self.0);
        both.extend_from_slice(&other.0);
        both.sort_by_key(Alive::key);
        both.dedup_by(|second, first| {
            let same = first.key() == second.key();
            if same {
                first.merge(second);
            }
            same
        });
        self.0 = Rc::new(both);
        true
    }

    /// Changes or removes the content of a variable.
    fn change(&mut self, var: Var, mut with: impl FnMut(Alive) -> Option<Alive>) {
        for alive in self.take(&var.alone()) {
            if let Some(alive) = with(alive) {
                self.insert(alive);
            }
        }
    }

    /// Applies an event; calls `note` with each handle that it joins, aborts or loses.
    fn apply(&mut self, event: &Event, note: &mut dyn FnMut((Var, usize))) {
        match *event {
            Event::Create(var, spawn) => self.insert(Alive::new(var, spawn)),
            Event::Move(from, var) => self.change(from, |alive| Some(Alive { var, ..alive })),
            Event::Store(from, var) => self.change(from, |alive| {
                note(alive.key());
                Some(Alive {
                    var,
                    stored: true,
                    ..alive
                })
            }),
            Event::Expose(var) => self.change(var, |alive| {
                Some(Alive {
                    stored: false,
                    ..alive
                })
            }),
            Event::Copy(from, var) => {
                for alive in self.of(from).to_vec() {
                    self.insert(Alive { var, ..alive });
                }
            }
            Event::Put(from, to, end) => self.put(from, to, end),
            Event::Take(from, var, end) => {
                for item in self.take(&from.alone()) {
                    self.insert(Alive {
                        var,
                        before: 0,
                        after: 0,
                        ..item
                    });
                    if let Some(rest) = item.without_one(end) {
                        self.insert(rest);
                    }
                }
            }
            Event::Counted(var) => self.change(var, |alive| {
                (alive.before != MANY && alive.after != MANY).then_some(alive)
            }),
            Event::Reverse(var) => self.change(var, |alive| {
                let (before, after) = (alive.after, alive.before);
                Some(Alive {
                    before,
                    after,
                    ..alive
                })
            }),
            Event::Pack(var, index) => self.change(var, |alive| Some(alive.packed(index))),
            Event::Unpack {
                from,
                to,
                index,
                sole,
            } => self.change(from, |alive| {
                let field = alive.field % (1 << FIELD);
                if field == u32::from(index) + 1 || field == 0 && sole {
                    return Some(Alive {
                        var: to,
                        field: alive.field >> FIELD,
                        ..alive
                    });
                }
                if field == 0 {
                    note(alive.key());
                }
                (field != 0).then_some(alive)
            }),
            Event::Clear(var) => self.change(var, |_| None),
            Event::Join(var) | Event::Escape(var, _) => self.change(var, |alive| {
                note(alive.key());
                None
            }),
            Event::Drop(ref vars, _) => {
                for alive in self.take(vars) {
                    if !alive.stored {
                        note(alive.key());
                    }
                }
            }
            Event::Lend(var) => self.change(var, |alive| {
                Some(Alive {
                    unlent: false,
                    ..alive
                })
            }),
            Event::Finished(var) => self.change(var, |alive| alive.unlent.then_some(alive)),
            Event::Abort(var) => {
                for alive in self.of(var) {
                    note(alive.key());
                }
            }
        }
    }

    fn put(&mut self, from: Var, to: Var, end: End) {
        let size = |items: &[Alive]| {
            let sizes = items
                .iter()
                .map(|item| more(more(item.before, item.after), 1));
            sizes.max().unwrap_or(0)
        };
        let new = self.take(&from.alone());
        let there = size(self.of(to));
        // The same spawn once more: a loop fills the collection.
        let again = new
            .iter()
            .any(|item| self.of(to).iter().any(|other| other.spawn == item.spawn));
        let added = if again { MANY } else { size(&new) };
        let range = self.range(&to.alone());
        if !new.is_empty() && !range.is_empty() {
            for old in &mut Rc::make_mut(&mut self.0)[range] {
                match end {
                    End::Back => old.after = more(old.after, added),
                    End::Front | End::Any => old.before = more(old.before, added),
                }
            }
        }
        for mut item in new {
            match end {
                End::Front => item.after = more(item.after, there),
                End::Back | End::Any => item.before = more(item.before, there),
            }
            if again {
                (item.before, item.after) = match end {
                    End::Any => (MANY, 0),
                    End::Front | End::Back => (MANY, MANY),
                };
            }
            self.insert(Alive { var: to, ..item });
        }
    }
}
