//! A subscriber that keeps rejoin's reports, so that tests can look at them and wait for them.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// One report: its fields by name, `message` among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report(BTreeMap<String, String>);

impl Report {
    pub(crate) fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }
}

impl Visit for Report {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

#[derive(Default)]
struct Seen {
    reports: Mutex<Vec<Report>>,
    changed: Condvar,
}

fn seen() -> &'static Seen {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    static INSTALLED: OnceLock<()> = OnceLock::new();
    let seen = SEEN.get_or_init(Seen::default);
    INSTALLED.get_or_init(|| {
        let _ = tracing_subscriber::registry().with(Layer).try_init();
    });
    seen
}

struct Layer;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Layer {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "rejoin" {
            let mut report = Report::default();
            event.record(&mut report);
            let seen = seen();
            seen.reports
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(report);
            seen.changed.notify_all();
        }
    }
}

/// Starts listening. Call it first in every test that looks at reports.
pub(crate) fn listen() {
    seen();
}

/// Every report so far in which some field contains `text`.
pub(crate) fn reports(text: &str) -> Vec<Report> {
    seen()
        .reports
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .filter(|report| report.0.values().any(|value| value.contains(text)))
        .cloned()
        .collect()
}

/// Blocks until there is a report in which some field contains `text`; ten seconds at most.
pub(crate) fn wait_for_report(text: &str) -> Report {
    let seen = seen();
    let guard = seen.reports.lock().unwrap_or_else(PoisonError::into_inner);
    let found = |reports: &[Report]| {
        reports
            .iter()
            .find(|report| report.0.values().any(|value| value.contains(text)))
            .cloned()
    };
    let (guard, _) = seen
        .changed
        .wait_timeout_while(guard, Duration::from_secs(10), |reports| {
            found(reports).is_none()
        })
        .unwrap_or_else(PoisonError::into_inner);
    found(&guard).unwrap_or_else(|| panic!("no report with `{text}` in {guard:?}"))
}
