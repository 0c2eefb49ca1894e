//! What Prometheus reads.

use std::collections::HashMap;

/// The samples of a scrape: their names with their labels, and their values.
#[derive(Debug)]
pub(crate) struct Samples(HashMap<String, f64>);

impl Samples {
    /// Reads the text format: lines of a name, labels in braces, and a value; lines that begin with `#` are about others.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples = lines.map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a series and its value");
            let value = value
                .parse()
                .unwrap_or_else(|_| panic!("no value in {line}"));
            (series.to_owned(), value)
        });
        Self(samples.collect())
    }

    /// The sum over all labels.
    pub(crate) fn sum(&self, name: &str) -> u64 {
        self.total(|series| series.split('{').next() == Some(name))
    }

    /// That with this value of its label.
    pub(crate) fn of(&self, name: &str, value: &str) -> u64 {
        let label = format!("=\"{value}\"}}");
        self.total(|series| series.split('{').next() == Some(name) && series.ends_with(&label))
    }

    fn total(&self, mut counts: impl FnMut(&str) -> bool) -> u64 {
        let samples = self.0.iter().filter(|(series, _)| counts(series));
        // Not `sum`, which of nothing is minus zero.
        let total = samples.fold(0.0, |total, (_, value)| total + value);
        // Counts are whole, and a gauge of tasks is not below zero.
        format!("{total}")
            .parse()
            .unwrap_or_else(|_| panic!("{total} is no count"))
    }
}
