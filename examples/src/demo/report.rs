//! How the measurements are shown: sections of aligned rows, coloured on a terminal.

use super::log::Line;
use anstream::println;
use anstyle::{AnsiColor, Style};
use std::time::Duration;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const CODE: Style = AnsiColor::Cyan.on_default();

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
            for same in log.chunk_by(PartialEq::eq) {
                let (line, times) = (&same[0], same.len());
                let style = match line {
                    Line::Hook(_) => FAINT,
                    Line::Report(_) => Style::new(),
                };
                println!(
                    "   {FAINT}log, {side:<8}{FAINT:#} {style}{}{}{style:#}",
                    line.text(),
                    if times > 1 {
                        format!(" (×{times})")
                    } else {
                        String::new()
                    },
                );
            }
        }
    }

    fn width(&self, text: impl Fn(&Row) -> &String, least: usize) -> usize {
        let widths = self.rows.iter().map(|row| text(row).chars().count());
        widths.max().unwrap_or(0).max(least)
    }
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
    } else {
        format!("{:.1} ms", duration.as_secs_f64() * 1e3)
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
