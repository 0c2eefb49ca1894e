//! A `tracing` subscriber that keeps rejoin's reports, to assert on and to wait for.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// The fields of a report.
pub type Report = BTreeMap<&'static str, String>;

#[derive(Clone, Default)]
pub struct Log(Arc<State>);

#[derive(Default)]
struct State {
    reports: Mutex<Vec<Report>>,
    changed: Condvar,
}

impl Log {
    /// A log of what this thread reports: for tests on a current-thread runtime.
    pub fn here() -> (Self, DefaultGuard) {
        // With a single subscriber in the process, tracing asks only the thread that first comes to an event whether
        // anybody wants it, and that may be the thread of another test, which has none. Two make it ask everybody.
        Self::global();
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.clone());
        (log, guard)
    }

    /// The log of the whole process: for what other threads report.
    pub fn global() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            tracing::subscriber::set_global_default(log.clone()).expect("no other subscriber here");
            log
        })
    }

    pub fn all(&self) -> Vec<Report> {
        self.0
            .reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// "kind: message" of each report, in order.
    pub fn lines(&self) -> Vec<String> {
        let line = |report: &Report| format!("{}: {}", report["kind"], report["message"]);
        self.all().iter().map(line).collect()
    }

    /// The reports whose message is `message`, so far.
    pub fn of(&self, message: &str) -> Vec<Report> {
        let mut reports = self.all();
        reports.retain(|report| report["message"] == message);
        reports
    }

    /// The only report whose message is `message`.
    #[track_caller]
    pub fn only(&self, message: &str) -> Report {
        let mut reports = self.of(message);
        assert_eq!(reports.len(), 1, "reports of {message:?}: {reports:?}");
        reports.remove(0)
    }

    /// Waits for a report with this message; it is the only one.
    #[track_caller]
    pub fn wait_for_message(&self, message: &str) -> Report {
        self.wait_for(1, |report| report["message"] == message);
        self.only(message)
    }

    /// Waits until `count` reports have come for which `wanted` holds.
    #[track_caller]
    pub fn wait_for(&self, count: usize, wanted: impl Fn(&Report) -> bool) -> Vec<Report> {
        let reports = self
            .0
            .reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let enough = |reports: &mut Vec<Report>| {
            reports.iter().filter(|report| wanted(report)).count() < count
        };
        let (reports, timeout) = self
            .0
            .changed
            .wait_timeout_while(reports, Duration::from_secs(60), enough)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "only these reports: {reports:?}");
        reports
            .iter()
            .filter(|report| wanted(report))
            .cloned()
            .collect()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "rejoin"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Report::new());
        event.record(&mut fields);
        self.0
            .reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fields.0);
        self.0.changed.notify_all();
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fields(Report);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
