//! A tree as text: aligned, for a terminal or a log.

use std::fmt::{self, Write as _};
use std::time::Duration;

use super::Tree;
use super::rows::{Row, rows};
use crate::escape::{Escaped, Time};

/// Up to so many scopes and tasks have a line each.
const MANY: usize = 40;

/// A name that is longer than this does not push the columns of the others away.
const WIDE: usize = 80;

/// Deeper than this nothing is indented further: the lines say how deep they are.
const DEEP: usize = 24;

impl Tree {
    /// Whether there are so many scopes and tasks that those that are alike share a line.
    pub(super) fn is_crowded(&self) -> bool {
        let tasks = self.scopes().iter().map(|scope| scope.tasks().len());
        self.scopes().len() + tasks.sum::<usize>() > MANY
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = rows(self, !f.alternate() && self.is_crowded());
        let groups = self.scopes().len() - 1;
        writeln!(
            f,
            "{} in {}{}",
            counted(self.task_count(), "task"),
            counted(groups, "group"),
            if self.is_shutting_down() {
                ", shutting down"
            } else {
                ""
            }
        )?;
        writeln!(f)?;
        let mut table = vec![["NAME", "STATE", "AGE", "KIND", "WHERE"].map(str::to_owned)];
        let branches = branches(&rows);
        table.extend(rows.iter().zip(branches).map(|(row, branch)| {
            [
                branch + &label(row),
                row.alike.state.to_string(),
                age(row),
                row.kind().to_owned(),
                place(row),
            ]
        }));
        let mut widths = [0; 4];
        for cells in &table {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.chars().count().min(WIDE).max(*width);
            }
        }
        for [name, state, age, kind, place] in &table {
            let [names, states, ages, kinds] = widths;
            let line =
                format!("{name:names$}  {state:states$}  {age:>ages$}  {kind:kinds$}  {place}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// What stands before each name.
fn branches(rows: &[Row]) -> Vec<String> {
    // From the end: of each depth, whether a line of it follows before one that is less deep.
    let mut follows = [false; DEEP + 1];
    let mut branches: Vec<_> = rows
        .iter()
        .rev()
        .map(|row| {
            let depth = row.depth.min(DEEP);
            let mut branch = String::new();
            for level in &follows[1..depth.max(1)] {
                branch.push_str(if *level { "│  " } else { "   " });
            }
            if depth > 0 {
                branch.push_str(if follows[depth] { "├─ " } else { "└─ " });
            }
            if row.depth > DEEP {
                let _ = write!(branch, "({} deep) ", row.depth);
            }
            follows[depth] = true;
            follows[depth + 1..].fill(false);
            branch
        })
        .collect();
    branches.reverse();
    branches
}

fn label(row: &Row) -> String {
    let name = Escaped(row.alike.name);
    match row.count {
        1 => name.to_string(),
        count => format!("{count} × {name}"),
    }
}

fn age(row: &Row) -> String {
    let oldest = duration(row.oldest);
    if row.count == 1 {
        oldest
    } else {
        format!("oldest {oldest}")
    }
}

/// A time in at most two units, and in milliseconds at the smallest.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{}ms", time.as_millis()),
        1..60 => format!("{}.{}s", seconds, time.subsec_millis() / 100),
        _ => Time(time).to_string(),
    }
}

fn place(row: &Row) -> String {
    let mut place = row.alike.at.map(ToString::to_string).unwrap_or_default();
    if let Some(owner) = row.alike.owner {
        let _ = write!(place, ", opened by {}", Escaped(owner.name()));
    }
    if row.alike.kind.is_none() && row.count > 1 {
        let _ = write!(place, ", {} inside", counted(row.tasks, "task"));
    }
    if row.alike.detached {
        place.push_str(", detached");
    }
    place.trim_start_matches(", ").to_owned()
}
