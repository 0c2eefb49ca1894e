//! 6. Five hundred pictures to work on.

use super::in_turn;
use crate::client::{self, Reply};
use crate::demo::report::{self, Cell, Section, Twins};
use crate::demo::service::{Service, Side};
use axum::http::Method;
use peak_alloc::PeakAlloc;
use std::time::{Duration, Instant};

/// How many pictures there are.
pub const PICTURES: usize = 500;

/// Counts the bytes in use; whatever links this library allocates through it.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What working on all of them took.
#[derive(Clone, Debug)]
pub struct Limited {
    /// The answer.
    pub reply: Reply,
    /// How many had been worked on when it came.
    pub done_by_then: usize,
    /// The time until all were.
    pub took: Duration,
    /// The most tasks at once.
    pub at_once: usize,
    /// The most memory, above what was in use before.
    pub memory: usize,
}

/// Measures both sides. Whatever else allocates meanwhile is counted too, so let nothing else run.
pub async fn measure(service: &Service) -> Twins<Limited> {
    in_turn(service, async |service: &Service, side: Side| {
        let pictures = service.shop(side).tasks.of("pictures");
        let path = side.path(&format!("/pictures/{PICTURES}"));
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let start = Instant::now();
        let reply = client::request(Method::POST, service.address, &path).await;
        let done_by_then = pictures.finished();
        pictures.has_finished(PICTURES).await;
        Limited {
            reply,
            done_by_then,
            took: start.elapsed(),
            at_once: pictures.peak(),
            memory: MEMORY.peak_usage().saturating_sub(before),
        }
    })
    .await
}

impl Twins<Limited> {
    /// For the report.
    #[must_use]
    pub fn section(&self) -> Section {
        Section {
            title: "Five hundred pictures of 64 KiB, a task for each",
            attribute: "#[task_group(limit = 8)]",
            rows: vec![
                self.row("answer", |seen| Cell::plain(&seen.reply)),
                self.row("  pictures done by then", |seen| {
                    let done = seen.done_by_then;
                    Cell::judged(&format!("{done} of {PICTURES}"), done == PICTURES)
                }),
                self.row("the most tasks at once", |seen| {
                    Cell::judged(&seen.at_once, seen.at_once <= 8)
                }),
                self.row("the most memory", |seen| {
                    Cell::judged(&report::bytes(seen.memory), seen.memory < 4 << 20)
                }),
                self.row("time until all are done", |seen| {
                    Cell::plain(&report::duration(seen.took))
                }),
            ],
            log: Twins::default(),
        }
    }
}
