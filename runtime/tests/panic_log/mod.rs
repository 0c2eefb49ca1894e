//! A `tracing` subscriber that keeps the reports, for asserting on and for waiting on.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Metadata, Subscriber};

/// The fields of one report.
pub type Report = BTreeMap<&'static str, String>;

#[derive(Clone, Default)]
pub struct Log(Arc<(Mutex<Vec<Report>>, Condvar)>);

impl Log {
    /// The log of this process; its subscriber is the global one.
    pub fn global() -> &'static Log {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Log::default();
            tracing::subscriber::set_global_default(log.clone()).expect("no other subscriber here");
            log
        })
    }

    /// The reports whose message is `message`, so far.
    pub fn of(&self, message: &str) -> Vec<Report> {
        let reports = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        reports
            .iter()
            .filter(|report| report["message"] == message)
            .cloned()
            .collect()
    }

    /// The only report whose message is `message`.
    #[track_caller]
    pub fn only(&self, message: &str) -> Report {
        let mut reports = self.of(message);
        assert_eq!(reports.len(), 1, "reports of {message:?}: {reports:?}");
        reports.remove(0)
    }

    /// Waits for a report with this message, made on whatever thread.
    #[track_caller]
    pub fn wait_for(&self, message: &str) -> Report {
        let (reports, changed) = &*self.0;
        let absent =
            |reports: &mut Vec<Report>| !reports.iter().any(|report| report["message"] == message);
        let guard = reports.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, timeout) = changed
            .wait_timeout_while(guard, Duration::from_secs(30), absent)
            .unwrap_or_else(PoisonError::into_inner);
        drop(guard);
        assert!(!timeout.timed_out(), "no report of {message:?}");
        self.only(message)
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "rejoin"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Report::new());
        event.record(&mut fields);
        let (reports, changed) = &*self.0;
        reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fields.0);
        changed.notify_all();
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
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
