//! 2. A task that a handler has spawned panics.

use super::in_turn;
use crate::client::{self, Reply};
use crate::demo::log::{Line, Log};
use crate::demo::report::{Cell, Section, Twins};
use crate::demo::service::{Service, Side};
use axum::http::{Method, StatusCode};

/// What becomes of a panic in a task.
#[derive(Clone, Debug)]
pub struct ChildPanicked {
    /// Of a handler that its task belongs to.
    pub grouped: Reply,
    /// Of a handler whose task runs in the background.
    pub background: Reply,
    /// What was logged.
    pub log: Vec<Line>,
}

impl ChildPanicked {
    /// How many of the two panics were reported, task and spawn site named.
    #[must_use]
    pub fn reported(&self) -> usize {
        self.log.iter().filter(|line| names_task(line)).count()
    }
}

/// Whether a line of the log says which task it is about and where that was spawned.
fn names_task(line: &Line) -> bool {
    let named = |task: &str| line.text().contains(task);
    line.is_report()
        && line.text().contains("spawned_at=")
        && (named("::checkout") || named("::review"))
}

/// Measures both sides.
pub async fn measure(service: &Service, log: Log) -> Twins<ChildPanicked> {
    let mark = log.mark();
    let seen = in_turn(service, async |service: &Service, side: Side| {
        let post = async |path: &str| {
            client::request(Method::POST, service.address, &side.path(path)).await
        };
        let grouped = post("/checkout/4000-1234").await;
        let background = post("/review/0").await;
        ChildPanicked {
            grouped,
            background,
            log: Vec::new(),
        }
    })
    .await;
    let mut log = log.of_panics(mark, 4).await;
    seen.map(|side, seen| ChildPanicked {
        log: std::mem::take(log.of_mut(side)),
        ..seen
    })
}

impl Twins<ChildPanicked> {
    /// For the report.
    #[must_use]
    pub fn section(&self) -> Section {
        Section {
            title: "A task that a handler has spawned panics",
            attribute: "#[task_group], #[guarded]",
            rows: vec![
                self.row("the handler's own task", |seen| {
                    let right = seen.grouped.status() == Some(StatusCode::INTERNAL_SERVER_ERROR);
                    Cell::judged(&seen.grouped, right)
                }),
                self.row("a task in the background", |seen| {
                    Cell::plain(&seen.background)
                }),
                self.row("reported with task and spawn site", |seen| {
                    Cell::judged(&format!("{} of 2", seen.reported()), seen.reported() == 2)
                }),
            ],
            log: self.log(|seen| &seen.log),
        }
    }
}
