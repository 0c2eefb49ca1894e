//! 1. A handler panics.

use super::in_turn;
use crate::client::{self, Http2, Reply};
use crate::demo::log::{Line, Log};
use crate::demo::report::{Cell, Section, Twins};
use crate::demo::service::{Service, Side};
use axum::http::StatusCode;

/// A name that begins with a letter of two bytes.
const NAME: &str = "/avatar/%C3%89mile";

/// What clients see of a handler that panics.
#[derive(Clone, Debug)]
pub struct Panicked {
    /// Over HTTP/1.1.
    pub http1: Reply,
    /// Over HTTP/2.
    pub http2: Reply,
    /// Another stream of that HTTP/2 connection, open all the while.
    pub neighbour: Reply,
    /// A request on the same HTTP/2 connection, made after it.
    pub next: Reply,
    /// What was logged.
    pub log: Vec<Line>,
}

/// Measures both sides.
///
/// # Panics
///
/// When the service is down.
pub async fn measure(service: &Service, log: Log) -> Twins<Panicked> {
    let mark = log.mark();
    let seen = in_turn(service, async |service: &Service, side: Side| {
        let http1 = client::get(service.address, &side.path(NAME)).await;
        let connection = Http2::connect(service.address)
            .await
            .expect("the service speaks HTTP/2");
        let (neighbour, (http2, next)) = tokio::join!(connection.get("/wait"), async {
            service.gate.waiting.reaches(1).await;
            let http2 = connection.get(&side.path(NAME)).await;
            let next = connection.get(&side.path("/avatar/Emil")).await;
            service.gate.open();
            (http2, next)
        });
        Panicked {
            http1,
            http2,
            neighbour,
            next,
            log: Vec::new(),
        }
    })
    .await;
    let mut log = log.of_panics(mark, 4).await;
    seen.map(|side, seen| Panicked {
        log: std::mem::take(log.of_mut(side)),
        ..seen
    })
}

impl Twins<Panicked> {
    /// For the report.
    #[must_use]
    pub fn section(&self) -> Section {
        let status = |reply: &Reply, wanted| Cell::judged(reply, reply.status() == Some(wanted));
        let failure = StatusCode::INTERNAL_SERVER_ERROR;
        Section {
            title: "A handler panics",
            attribute: "#[guarded]",
            rows: vec![
                self.row("HTTP/1.1", |seen| status(&seen.http1, failure)),
                self.row("  says Connection: close", |seen| closes(&seen.http1, true)),
                self.row("HTTP/2, its stream", |seen| status(&seen.http2, failure)),
                self.row("  says Connection: close", |seen| {
                    closes(&seen.http2, false)
                }),
                self.row("  a stream open meanwhile", |seen| {
                    status(&seen.neighbour, StatusCode::OK)
                }),
                self.row("  the next on the connection", |seen| {
                    status(&seen.next, StatusCode::OK)
                }),
            ],
            log: self.log(|seen| &seen.log),
        }
    }
}

/// HTTP/1.1 says so; HTTP/2 has no such header, and needs the connection for its other streams.
fn closes(reply: &Reply, wanted: bool) -> Cell {
    match (reply.status(), reply.closes()) {
        (None, _) => Cell::plain(&"-"),
        (_, true) => Cell::judged(&"yes", wanted),
        (_, false) => Cell::judged(&"no", !wanted),
    }
}
