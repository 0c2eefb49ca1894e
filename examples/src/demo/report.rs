//! How the measurements are shown: sections of aligned rows, coloured on a terminal.

use super::log::Line;
use super::service::Side;
use anstream::println;
use anstyle::{AnsiColor, Style};
use std::time::Duration;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const CODE: Style = AnsiColor::Cyan.on_default();
/// How wide the log is shown.
const WIDTH: usize = 100;

/// The same thing measured on both sides.
#[derive(Clone, Debug, Default)]
pub struct Twins<T> {
    /// Of the handlers as written.
    pub without: T,
    /// Of the handlers with attributes.
    pub with: T,
}

impl<T> Twins<T> {
    /// One row: the same cell of both.
    pub fn row(&self, label: impl Into<String>, cell: impl Fn(&T) -> Cell) -> Row {
        Row {
            label: label.into(),
            without: cell(&self.without),
            with: cell(&self.with),
        }
    }

    /// Changes what was measured on each side.
    #[must_use]
    pub fn map(self, mut change: impl FnMut(Side, T) -> T) -> Self {
        Self {
            without: change(Side::Without, self.without),
            with: change(Side::With, self.with),
        }
    }

    /// What was measured on one side.
    pub fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Without => &mut self.without,
            Side::With => &mut self.with,
        }
    }

    /// What was logged on both sides.
    pub fn log(&self, log: impl Fn(&T) -> &[Line]) -> Twins<Vec<Line>> {
        Twins {
            without: log(&self.without).to_vec(),
            with: log(&self.with).to_vec(),
        }
    }
}

/// A value, and whether it is what one would want.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Good or bad as measured.
    pub fn judged(text: &impl ToString, good: bool) -> Self {
        Self {
            text: text.to_string(),
            style: if good { GOOD } else { BAD },
        }
    }

    /// Neither.
    pub fn plain(text: &impl ToString) -> Self {
        Self {
            text: text.to_string(),
            style: Style::new(),
        }
    }
}

/// One measurement on both sides.
#[derive(Clone, Debug)]
pub struct Row {
    label: String,
    without: Cell,
    with: Cell,
}

/// One scenario.
#[derive(Clone, Debug)]
pub struct Section {
    /// What happens in it.
    pub title: &'static str,
    /// What the annotated twin has that the other has not.
    pub attribute: &'static str,
    /// What was measured.
    pub rows: Vec<Row>,
    /// What the log said meanwhile.
    pub log: Twins<Vec<Line>>,
}

impl Section {
    /// Prints the section under its number.
    pub fn print(&self, number: usize) {
        let label = self.width(|row| &row.label, 0);
        let without = self.width(|row| &row.without.text, "without".len());
        println!("\n{TITLE}{number}. {}{TITLE:#}", self.title);
        println!(
            "   {FAINT}{:label$}  {:without$}  with{FAINT:#} {CODE}{}{CODE:#}",
            "", "without", self.attribute
        );
        for row in &self.rows {
            let (left, right) = (&row.without, &row.with);
            println!(
                "   {:label$}  {}{:without$}{:#}  {}{}{:#}",
                row.label, left.style, left.text, left.style, right.style, right.text, right.style,
            );
        }
        for (side, log) in [("without", &self.log.without), ("with", &self.log.with)] {
            for (line, times) in counted(log) {
                let style = if line.is_report() {
                    Style::new()
                } else {
                    FAINT
                };
                let mut margin = format!("log, {side:<8}");
                let text = match times {
                    1 => line.text().to_owned(),
                    _ => format!("{} (×{times})", line.text()),
                };
                for part in wrap(&text) {
                    println!("   {FAINT}{margin:<15}{FAINT:#}{style}{part}{style:#}");
                    margin.clear();
                }
            }
        }
    }

    fn width(&self, text: impl Fn(&Row) -> &String, least: usize) -> usize {
        let widths = self.rows.iter().map(|row| text(row).chars().count());
        widths.max().unwrap_or(0).max(least)
    }
}

/// Equal lines once, with how many there are, in the order of the first.
fn counted(log: &[Line]) -> Vec<(&Line, usize)> {
    let mut counted: Vec<(&Line, usize)> = Vec::new();
    for line in log {
        match counted.iter_mut().find(|(other, _)| *other == line) {
            Some((_, times)) => *times += 1,
            None => counted.push((line, 1)),
        }
    }
    counted
}

/// A long line in parts, at its spaces.
fn wrap(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in text.split(' ') {
        let last = parts.last_mut().expect("there is always one");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + word.chars().count() < WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            parts.push(word.to_owned());
        }
    }
    parts
}

/// Prints the first line.
pub fn heading(text: &str) {
    println!("{TITLE}{text}{TITLE:#}");
}

/// Prints a line.
pub fn line(text: &str) {
    println!("{text}");
}

/// Prints a line of explanation.
pub fn aside(text: &str) {
    println!("{FAINT}{text}{FAINT:#}");
}

/// A duration for people.
#[must_use]
pub fn duration(duration: Duration) -> String {
    if duration >= Duration::from_secs(1) {
        format!("{:.2} s", duration.as_secs_f64())
    } else if duration >= Duration::from_millis(10) {
        format!("{} ms", duration.as_millis())
    } else if duration >= Duration::from_micros(100) {
        format!("{:.1} ms", duration.as_secs_f64() * 1e3)
    } else {
        "< 0.1 ms".into()
    }
}

/// An amount of memory for people.
#[must_use]
pub fn bytes(bytes: usize) -> String {
    let kib = bytes / 1024;
    if kib >= 10 * 1024 {
        format!("{} MiB", kib / 1024)
    } else {
        format!("{kib} KiB")
    }
}
