//! A tree as lines: one for each scope and task, or one for all that are alike.

use std::collections::HashMap;
use std::panic::Location;
use std::time::Duration;

use super::{Owner, ScopeNode, State, TaskNode, Tree};
use crate::live::TaskKind;

/// What those that share a line have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Alike {
    pub(super) name: &'static str,
    pub(super) at: Option<&'static Location<'static>>,
    /// `None` for a scope.
    pub(super) kind: Option<TaskKind>,
    pub(super) state: State,
    pub(super) owner: Option<Owner>,
    /// A shield.
    pub(super) shielded: bool,
    pub(super) detached: bool,
}

impl Alike {
    fn scope(scope: &ScopeNode) -> Self {
        Self {
            name: scope.name(),
            at: scope.opened_at(),
            kind: None,
            state: scope.state(),
            owner: scope.owner(),
            shielded: scope.is_shielded(),
            detached: false,
        }
    }

    fn task(task: &TaskNode) -> Self {
        Self {
            name: task.name(),
            at: Some(task.spawned_at()),
            kind: Some(task.kind()),
            state: task.state(),
            owner: None,
            shielded: false,
            detached: task.is_detached(),
        }
    }
}

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) alike: Alike,
    pub(super) depth: usize,
    pub(super) count: usize,
    pub(super) oldest: Duration,
    /// Of scopes, how many tasks are in them and in those inside.
    pub(super) tasks: usize,
}

impl Row {
    pub(super) fn kind(&self) -> &'static str {
        match self.alike.kind {
            Some(kind) => kind.as_str(),
            None if self.alike.shielded => "shield",
            None if self.depth == 0 => "",
            None => "group",
        }
    }
}

#[derive(Debug)]
struct Line {
    row: Row,
    parent: usize,
    children: Vec<usize>,
}

#[derive(Debug, Default)]
struct Lines {
    all: Vec<Line>,
    known: HashMap<(usize, Alike), usize>,
    merge: bool,
}

impl Lines {
    /// The line of one more below `parent`.
    fn add(&mut self, parent: usize, alike: Alike, age: Duration) -> usize {
        let next = self.all.len();
        let at = if self.merge {
            *self.known.entry((parent, alike)).or_insert(next)
        } else {
            next
        };
        if at == next {
            self.all.push(Line {
                row: Row {
                    alike,
                    depth: 0,
                    count: 0,
                    oldest: Duration::ZERO,
                    tasks: 0,
                },
                parent,
                children: Vec::new(),
            });
            if next > 0 {
                self.all[parent].children.push(next);
            }
        }
        let row = &mut self.all[at].row;
        row.count += 1;
        row.oldest = row.oldest.max(age);
        at
    }
}

/// The lines of a tree, each parent before its children: the tasks of a scope, then the scopes inside it, the oldest
/// first. Iterative, because scopes may be nested deeper than a stack is.
pub(super) fn rows(tree: &Tree, merge: bool) -> Vec<Row> {
    let mut lines = Lines {
        merge,
        ..Lines::default()
    };
    let mut places = Vec::with_capacity(tree.scopes().len());
    for scope in tree.scopes() {
        let parent = scope.parent().map_or(0, |parent| places[parent]);
        let at = lines.add(parent, Alike::scope(scope), scope.age());
        places.push(at);
        for task in scope.tasks() {
            lines.add(at, Alike::task(task), task.age());
        }
        let row = &mut lines.all[at].row;
        row.tasks += scope.tasks().len();
    }
    let mut lines = lines.all;
    for at in (1..lines.len()).rev() {
        let (parent, tasks) = (lines[at].parent, lines[at].row.tasks);
        lines[parent].row.tasks += tasks;
    }
    let mut rows = Vec::with_capacity(lines.len());
    let mut next = vec![(0, 0)];
    while let Some((at, depth)) = next.pop() {
        let mut children = std::mem::take(&mut lines[at].children);
        children.sort_by_key(|&child| {
            let row = &lines[child].row;
            (row.alike.kind.is_none(), std::cmp::Reverse(row.oldest))
        });
        next.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
        rows.push(Row {
            depth,
            ..lines[at].row.clone()
        });
    }
    rows
}
