//! What a handler was given, for asserting on and for waiting on.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rejoin::PanicReport;

/// The reports that a handler of its own was given.
#[derive(Clone)]
pub struct Seen {
    prefix: &'static str,
    reports: Arc<(Mutex<Vec<PanicReport>>, Condvar)>,
}

impl Seen {
    /// Sets a handler for the panics whose message begins like this: those of one test.
    pub fn of(prefix: &'static str) -> Self {
        let seen = Self {
            prefix,
            reports: Arc::default(),
        };
        let of_handler = seen.clone();
        rejoin::on_panic(move |report| of_handler.see(report));
        seen
    }

    fn see(&self, report: &PanicReport) {
        if report.message().starts_with(self.prefix) {
            let (reports, changed) = &*self.reports;
            let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
            reports.push(report.clone());
            changed.notify_all();
        }
    }

    /// Waits until so many have come, and gives them.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<PanicReport> {
        let (reports, changed) = &*self.reports;
        let reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
        let (reports, timeout) = changed
            .wait_timeout_while(reports, Duration::from_secs(30), |reports| {
                reports.len() < count
            })
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "{} of {count}", reports.len());
        reports.clone()
    }

    /// All that have come once nothing is left to report.
    pub fn all(&self) -> Vec<PanicReport> {
        rejoin::flush_reports();
        self.reports
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The only one.
    #[track_caller]
    pub fn only(&self) -> PanicReport {
        self.wait_for(1);
        let mut all = self.all();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}
