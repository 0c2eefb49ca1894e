//! 4. A client hangs up in the middle of a fan-out.

use super::{Leftover, side_by_side};
use crate::client;
use crate::demo::downstream::SOURCES;
use crate::demo::report::{self, Cell, Section, Twins};
use crate::demo::service::{Service, Side};

const PRODUCT: &str = "table";

/// What goes on for a client that has gone.
#[derive(Clone, Copy, Debug)]
pub struct HungUp {
    /// Tasks at work when the client hung up.
    pub started: usize,
    /// Those tasks afterwards.
    pub tasks: Leftover,
    /// The requests that they had made to downstream servers.
    pub requests: Leftover,
}

/// Measures both sides.
///
/// # Panics
///
/// When the service is down.
pub async fn measure(service: &Service) -> Twins<HungUp> {
    side_by_side(service, async |service: &Service, side: Side| {
        let tasks = service.shop(side).tasks.of(PRODUCT);
        let requests = service.shop(side).requests.of(PRODUCT);
        let path = side.path(&format!("/product/{PRODUCT}"));
        let client = client::send_only(service.address, &path)
            .await
            .expect("the service is up");
        requests.reaches(SOURCES.len()).await;
        let started = tasks.now();
        drop(client);
        let (tasks, requests) = tokio::join!(Leftover::of(&tasks), Leftover::of(&requests));
        HungUp {
            started,
            tasks,
            requests,
        }
    })
    .await
}

impl Twins<HungUp> {
    /// For the report.
    #[must_use]
    pub fn section(&self) -> Section {
        let running = |leftover: &Leftover| Cell::judged(&leftover.running, leftover.running == 0);
        Section {
            title: "A client hangs up in the middle of a fan-out",
            attribute: "#[task_group]",
            rows: vec![
                self.row("tasks at work as it hung up", |seen| {
                    Cell::plain(&seen.started)
                }),
                self.row("tasks still running 500 ms later", |seen| {
                    running(&seen.tasks)
                }),
                self.row("their requests still running", |seen| {
                    running(&seen.requests)
                }),
                self.row("the last one gone after", |seen| {
                    Cell::plain(&report::duration(seen.requests.gone_after))
                }),
            ],
            log: Twins::default(),
        }
    }
}
