//! Definite-join analysis: which handles are lost, and where.
//!
//! A state is the set of the handles that are alive on some path to a place, each with the variable that holds it, and
//! with the facts that may hold on those paths. Where paths meet, states unite, and loops go round until nothing is new: a
//! state only grows, and each handle and each fact about it is new once.
//! Nothing here enumerates paths.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::build::{Event, Fact, Flow, Var};

/// A spawn and what becomes of its handle.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The first exit that loses it, with the variable that holds it there.
    pub first: Option<(usize, Var)>,
    /// The last exit behind which nothing could join it.
    pub end: Option<(usize, Var)>,
    /// The places of the exits that lose it.
    pub exits: HashSet<usize>,
    /// Whether it is lost otherwise than by being written so.
    pub kept: bool,
    /// Whether it is joined on some path.
    pub joined: bool,
    /// Whether it is asked to stop on some path.
    pub stopped: bool,
}

impl Fate {
    fn lose(&mut self, flow: &Flow, exit: usize, var: Var) {
        let lost = (exit, var);
        self.exits.insert(flow.exits[exit].place);
        if self.first.is_none_or(|first| lost < first) {
            self.first = Some(lost);
        }
        if flow.exits[exit].loss.is_final() && self.end.is_none_or(|end| lost > end) {
            self.end = Some(lost);
        }
        self.kept |= !flow.is_discarded(exit, var);
    }
}

/// What becomes of each spawn.
pub fn fates(flow: &Flow) -> Vec<Fate> {
    let mut fates = vec![Fate::default(); flow.spawns.len()];
    if flow.spawns.is_empty() {
        return fates;
    }
    let order = reverse_postorder(flow);
    let mut place = vec![usize::MAX; flow.nodes.len()];
    for (index, node) in order.iter().enumerate() {
        place[*node] = index;
    }
    let mut entries: Vec<Option<State>> = vec![None; flow.nodes.len()];
    entries[0] = Some(State::default());
    let mut queued = vec![false; order.len()];
    let mut queue = BinaryHeap::from([Reverse(0)]);
    while let Some(Reverse(index)) = queue.pop() {
        let node = &flow.nodes[order[index]];
        queued[index] = false;
        let Some(mut state) = entries[order[index]].clone() else {
            continue;
        };
        for event in &node.events {
            state.apply(event, &mut |_| {});
        }
        for next in &node.next {
            let grew = match &mut entries[*next] {
                Some(entry) => entry.unite(&state),
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
        for event in &flow.nodes[node].events {
            state.apply(event, &mut |(var, spawn)| match event {
                Event::Drop(_, exit) => fates[spawn].lose(flow, *exit, var),
                Event::Stop(_) => fates[spawn].stopped = true,
                _ => fates[spawn].joined = true,
            });
        }
    }
    fates
}

/// The nodes that can be reached, each before those that follow it, but for the way back in loops.
fn reverse_postorder(flow: &Flow) -> Vec<usize> {
    let mut seen = vec![false; flow.nodes.len()];
    let mut order = Vec::new();
    let mut stack = vec![(0, 0)];
    seen[0] = true;
    while let Some((node, child)) = stack.pop() {
        match flow.nodes[node].next.get(child) {
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

/// What holds on the paths to a place.
#[derive(Clone, Debug, Default)]
struct State {
    /// In the order of variables and spawns. Paths share it until one of them changes it, so that a branch that does
    /// nothing to handles costs nothing.
    alive: Rc<Vec<Alive>>,
    /// The facts about flags that may hold, for handles that are still to be made.
    may: u64,
}

/// A handle that is alive on some of the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Alive {
    var: Var,
    spawn: usize,
    /// The facts that may hold on those paths.
    may: u64,
}

impl Alive {
    fn key(&self) -> (Var, usize) {
        (self.var, self.spawn)
    }
}

impl State {
    fn range(&self, vars: &Range<Var>) -> Range<usize> {
        let begin = self.alive.partition_point(|alive| alive.var < vars.start);
        let length = self.alive[begin..].partition_point(|alive| alive.var < vars.end);
        begin..begin + length
    }

    fn insert(&mut self, new: Alive) {
        let place = self.alive.partition_point(|alive| alive.key() < new.key());
        let alive = Rc::make_mut(&mut self.alive);
        match alive.get_mut(place) {
            Some(alive) if alive.key() == new.key() => alive.may |= new.may,
            _ => alive.insert(place, new),
        }
    }

    /// Takes what a range of variables holds.
    fn take(&mut self, vars: &Range<Var>) -> Vec<Alive> {
        let range = self.range(vars);
        if range.is_empty() {
            return Vec::new();
        }
        Rc::make_mut(&mut self.alive).drain(range).collect()
    }

    /// Adds what another state has; says whether that was new.
    fn unite(&mut self, other: &Self) -> bool {
        let knew = self.may;
        self.may |= other.may;
        self.unite_alive(other) || self.may != knew
    }

    fn unite_alive(&mut self, other: &Self) -> bool {
        if Rc::ptr_eq(&self.alive, &other.alive) {
            return false;
        }
        let mut mine = self.alive.iter().peekable();
        let all = other.alive.iter().all(|new| {
            while mine.next_if(|own| own.key() < new.key()).is_some() {}
            mine.peek()
                .is_some_and(|own| own.key() == new.key() && own.may | new.may == own.may)
        });
        if all {
            return false;
        }
        if other.alive.len() < 8 {
            // Paths that meet often bring a handle each to many.
            for new in other.alive.iter() {
                self.insert(*new);
            }
            return true;
        }
        let mut both = Vec::with_capacity(self.alive.len() + other.alive.len());
        both.extend_from_slice(&self.alive);
        both.extend_from_slice(&other.alive);
        both.sort_by_key(Alive::key);
        both.dedup_by(|second, first| {
            let same = first.key() == second.key();
            if same {
                first.may |= second.may;
            }
            same
        });
        self.alive = Rc::new(both);
        true
    }

    /// Applies an event; tells what it joins, stops or loses.
    fn apply(&mut self, event: &Event, tell: &mut dyn FnMut((Var, usize))) {
        match event {
            Event::Create(var, spawn) => self.insert(Alive {
                var: *var,
                spawn: *spawn,
                may: self.may | Fact::KEPT,
            }),
            Event::Move(from, to) => {
                for alive in self.take(&from.alone()) {
                    self.insert(Alive { var: *to, ..alive });
                }
            }
            Event::Copy(from, to) => {
                let items = self.alive[self.range(&from.alone())].to_vec();
                for alive in items {
                    self.insert(Alive { var: *to, ..alive });
                }
            }
            Event::Join(var) => self.tell(&var.alone(), tell),
            Event::Clear(var) => {
                self.take(&var.alone());
            }
            Event::Drop(vars, _) => self.tell(vars, tell),
            Event::Lend(var) => {
                let range = self.range(&var.alone());
                self.learn(range, Fact::KEPT, Fact::LENT);
            }
            Event::Stop(var) => {
                for alive in &self.alive[self.range(&var.alone())] {
                    tell(alive.key());
                }
            }
            Event::Facts { end, begin } => {
                self.may = self.may & !end | begin;
                self.learn(0..self.alive.len(), *end, *begin);
            }
            Event::Only(var, facts) => {
                for alive in self.take(&var.alone()) {
                    if alive.may & facts != 0 {
                        self.insert(alive);
                    }
                }
            }
        }
    }

    fn tell(&mut self, vars: &Range<Var>, tell: &mut dyn FnMut((Var, usize))) {
        for alive in self.take(vars) {
            tell(alive.key());
        }
    }

    fn learn(&mut self, range: Range<usize>, end: u64, begin: u64) {
        if !range.is_empty() {
            for alive in &mut Rc::make_mut(&mut self.alive)[range] {
                alive.may = alive.may & !end | begin;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;
    use crate::leak::build::{Exit, Loss, Node, Spawn};

    const H: Var = Var(0);
    const G: Var = Var(1);

    /// A flow of one spawn for each variable, of these nodes and exits.
    fn flow(nodes: Vec<(Vec<Event>, Vec<usize>)>, exits: &[Loss]) -> Flow {
        let spawn = || Spawn {
            span: (Span::call_site(), Span::call_site()),
            cfgs: Vec::new(),
            thread: false,
            tracked: false,
        };
        Flow {
            nodes: nodes
                .into_iter()
                .map(|(events, next)| Node { events, next })
                .collect(),
            exits: exits
                .iter()
                .enumerate()
                .map(|(place, loss)| Exit {
                    place,
                    loss: *loss,
                    span: Span::call_site(),
                    at_spawn: false,
                    cfgs: Vec::new(),
                })
                .collect(),
            spawns: vec![spawn(), spawn()],
            vars: Vec::new(),
        }
    }

    fn lose(exit: usize) -> Event {
        Event::Drop(H..Var(9), exit)
    }

    #[test]
    fn a_handle_is_lost_where_one_path_does_not_join_it() {
        let flow = flow(
            vec![
                (vec![Event::Create(H, 0)], vec![1, 2]),
                (vec![Event::Join(H)], vec![3]),
                (vec![], vec![3]),
                (vec![lose(0)], vec![]),
            ],
            &[Loss::EndOfFunction],
        );
        let fate = &fates(&flow)[0];
        assert_eq!((fate.first, fate.end), (Some((0, H)), Some((0, H))));
        assert!(fate.joined);
        assert_eq!(fates(&flow)[1], Fate::default());
    }

    #[test]
    fn the_first_exit_is_told_and_the_others_are_counted() {
        let flow = flow(
            vec![
                (vec![Event::Create(H, 0), Event::Move(H, G)], vec![1, 2]),
                (vec![lose(1)], vec![]),
                (vec![], vec![3, 4]),
                (vec![lose(0)], vec![]),
                (vec![lose(2)], vec![]),
            ],
            &[Loss::Try, Loss::Return, Loss::EndOfBlock],
        );
        let fate = &fates(&flow)[0];
        assert_eq!(fate.first, Some((0, G)));
        assert_eq!(fate.end, Some((2, G)));
        assert_eq!((fate.exits.len(), fate.joined, fate.kept), (3, false, true));
    }

    #[test]
    fn an_exit_that_several_paths_come_to_is_counted_once() {
        let flow = flow(
            vec![
                (vec![Event::Create(H, 0)], vec![1, 2, 3]),
                (vec![lose(0)], vec![]),
                (vec![lose(1)], vec![]),
                (vec![lose(0)], vec![]),
            ],
            &[Loss::Select, Loss::EndOfBlock],
        );
        assert_eq!(fates(&flow)[0].exits.len(), 2);
    }

    #[test]
    fn what_a_round_leaves_the_next_one_finds() {
        // `loop { drop the old one; h = spawn() }`, entered without a handle.
        let flow = flow(
            vec![
                (vec![], vec![1]),
                (vec![lose(0), Event::Create(H, 0)], vec![1, 2]),
                (vec![Event::Join(H)], vec![]),
            ],
            &[Loss::Overwritten],
        );
        let fate = &fates(&flow)[0];
        assert_eq!(
            (fate.first, fate.end, fate.joined),
            (Some((0, H)), None, true)
        );
    }

    #[test]
    fn what_no_path_reaches_loses_nothing() {
        let flow = flow(
            vec![
                (vec![Event::Create(H, 0)], vec![1]),
                (vec![], vec![1]),
                (vec![lose(0)], vec![]),
            ],
            &[Loss::EndOfFunction],
        );
        assert_eq!(fates(&flow)[0], Fate::default());
    }

    #[test]
    fn a_parked_handle_is_lost_by_no_exit() {
        let parked = Var(Var::PARKED.0 + 1);
        let flow = flow(
            vec![
                (
                    vec![Event::Create(H, 0), Event::Move(H, parked), lose(0)],
                    vec![1],
                ),
                (vec![Event::Copy(parked, G), lose(1)], vec![1, 2]),
                (vec![lose(2)], vec![]),
            ],
            &[Loss::Try, Loss::EndOfBlock, Loss::EndOfFunction],
        );
        let fate = &fates(&flow)[0];
        assert_eq!((fate.first, fate.exits.len()), (Some((1, G)), 1));
    }
}
