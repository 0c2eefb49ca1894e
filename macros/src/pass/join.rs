//! Definite-join analysis: which handles are lost, and where.
//!
//! A state is the set of the handles that are alive on some path to a place, each with the variable that holds it. Where
//! paths meet, states unite, and loops go round until nothing is new: a state only grows, and each pair is new once.
//! Nothing here enumerates paths.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::flow::{Event, Flow, Var};

/// A spawn and what becomes of its handle.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    /// The exits that lose it, the first one first, with the variable that held it then.
    pub(crate) lost: Vec<(usize, Var)>,
    /// Whether it is joined on some path.
    pub(crate) joined: bool,
}

/// What becomes of each spawn.
pub(crate) fn fates(flow: &Flow) -> Vec<Fate> {
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
                Event::Drop(_, exit) => fates[spawn].lost.push((*exit, var)),
                _ => fates[spawn].joined = true,
            });
        }
    }
    for fate in &mut fates {
        fate.lost.sort_unstable();
        fate.lost.dedup_by_key(|(exit, _)| *exit);
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

/// The handles that are alive: pairs of a variable and a spawn, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State(Vec<(Var, usize)>);

impl State {
    fn range(&self, vars: &Range<Var>) -> Range<usize> {
        let begin = self.0.partition_point(|(var, _)| *var < vars.start);
        let length = self.0[begin..].partition_point(|(var, _)| *var < vars.end);
        begin..begin + length
    }

    fn insert(&mut self, pair: (Var, usize)) {
        if self.0.last().is_none_or(|last| *last < pair) {
            self.0.push(pair);
        } else if let Err(place) = self.0.binary_search(&pair) {
            self.0.insert(place, pair);
        }
    }

    /// Adds what another state has; says whether that was new.
    fn unite(&mut self, other: &Self) -> bool {
        if other
            .0
            .iter()
            .all(|pair| self.0.binary_search(pair).is_ok())
        {
            return false;
        }
        let mut both = Vec::with_capacity(self.0.len() + other.0.len());
        both.extend_from_slice(&self.0);
        both.extend_from_slice(&other.0);
        both.sort_unstable();
        both.dedup();
        self.0 = both;
        true
    }

    /// Applies an event; tells what it joins or loses.
    fn apply(&mut self, event: &Event, tell: &mut dyn FnMut((Var, usize))) {
        match event {
            Event::Create(var, spawn) => self.insert((*var, *spawn)),
            Event::Move(from, to) => {
                let range = self.range(&from.alone());
                if !range.is_empty() {
                    let moved: Vec<_> = self.0.drain(range).collect();
                    for (_, spawn) in moved {
                        self.insert((*to, spawn));
                    }
                }
            }
            Event::Copy(from, to) => {
                let range = self.range(&from.alone());
                for (_, spawn) in self.0[range].to_vec() {
                    self.insert((*to, spawn));
                }
            }
            Event::Join(var) => {
                let range = self.range(&var.alone());
                self.0.drain(range).for_each(tell);
            }
            Event::Clear(var) => {
                let range = self.range(&var.alone());
                self.0.drain(range);
            }
            Event::Drop(vars, _) => {
                let range = self.range(vars);
                self.0.drain(range).for_each(tell);
            }
        }
    }
}
