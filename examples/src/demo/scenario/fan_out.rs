//! 3. One of several downstream servers fails at once, and the others take their time.

use super::{Leftover, side_by_side};
use crate::client::{self, Reply};
use crate::demo::downstream::SOURCES;
use crate::demo::report::{self, Cell, Row, Section, Twins};
use crate::demo::service::{Service, Side};
use axum::http::StatusCode;
use std::time::{Duration, Instant};

/// What one shape of the fan-out comes to.
#[derive(Clone, Debug)]
pub struct FannedOut {
    /// The answer.
    pub reply: Reply,
    /// The time to it.
    pub took: Duration,
    /// Requests that the downstream servers were still working on for it.
    pub leftover: Leftover,
}

/// Two usual shapes.
#[derive(Clone, Debug)]
pub struct Shapes {
    /// Handles awaited together with `try_join_all`.
    pub joined: FannedOut,
    /// Tasks that send what they find through a channel.
    pub collected: FannedOut,
}

/// Measures both sides.
pub async fn measure(service: &Service) -> Twins<Shapes> {
    side_by_side(service, async |service: &Service, side: Side| {
        let (joined, collected) = tokio::join!(
            one(service, side, "/product", "delisted-lamp"),
            one(service, side, "/search", "delisted-chair"),
        );
        Shapes { joined, collected }
    })
    .await
}

async fn one(service: &Service, side: Side, page: &str, product: &str) -> FannedOut {
    let path = side.path(&format!("{page}/{product}"));
    let start = Instant::now();
    let reply = client::get(service.address, &path).await;
    FannedOut {
        reply,
        took: start.elapsed(),
        leftover: Leftover::of(&service.shop(side).requests.of(product)).await,
    }
}

impl Twins<Shapes> {
    /// For the report.
    #[must_use]
    pub fn section(&self) -> Section {
        let mut rows = shape(self, "handles joined by try_join_all", |seen| &seen.joined);
        rows.extend(shape(self, "results sent through a channel", |seen| {
            &seen.collected
        }));
        Section {
            title: "One of five downstream servers fails after 20 ms, the others take 5 s",
            attribute: "#[task_group]",
            rows,
            log: Twins::default(),
        }
    }
}

fn shape(twins: &Twins<Shapes>, name: &str, of: impl Fn(&Shapes) -> &FannedOut) -> Vec<Row> {
    vec![
        twins.row(name, |shapes| {
            let reply = &of(shapes).reply;
            let (found, asked) = (reply.body().lines().count(), SOURCES.len());
            match reply.status() {
                Some(StatusCode::OK) => Cell::judged(
                    &format!("{reply}, {found} of {asked} parts"),
                    found == asked,
                ),
                status => Cell::judged(reply, status == Some(StatusCode::BAD_GATEWAY)),
            }
        }),
        twins.row("  answered after", |shapes| {
            let took = of(shapes).took;
            Cell::judged(&report::duration(took), took < Duration::from_secs(1))
        }),
        twins.row("  requests still running then", |shapes| {
            let running = of(shapes).leftover.running;
            Cell::judged(&running, running == 0)
        }),
        twins.row("  the last one gone after", |shapes| {
            let gone_after = of(shapes).leftover.gone_after;
            Cell::plain(&format!("{} more", report::duration(gone_after)))
        }),
    ]
}
