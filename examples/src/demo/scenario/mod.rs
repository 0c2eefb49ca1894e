//! Six things that happen to services, each measured on both sides.

pub mod child;
pub mod fan_out;
pub mod hang_up;
pub mod limit;
pub mod panic;
pub mod shutdown;

use super::report::Twins;
use super::service::{Service, Side};
use crate::gauge::Gauge;
use std::time::{Duration, Instant};

/// How long work that has lost its purpose is given to end before what is left of it is counted.
pub const SETTLE: Duration = Duration::from_millis(500);

/// Measures one side after the other.
async fn in_turn<T>(service: &Service, measure: impl AsyncFn(&Service, Side) -> T) -> Twins<T> {
    Twins {
        without: measure(service, Side::Without).await,
        with: measure(service, Side::With).await,
    }
}

/// Measures both sides at the same time.
async fn side_by_side<T>(
    service: &Service,
    measure: impl AsyncFn(&Service, Side) -> T,
) -> Twins<T> {
    let (without, with) = tokio::join!(
        measure(service, Side::Without),
        measure(service, Side::With)
    );
    Twins { without, with }
}

/// What is left of some work once nobody wants it any more.
#[derive(Clone, Copy, Debug)]
pub struct Leftover {
    /// How many were still at it after [`SETTLE`].
    pub running: usize,
    /// How long until the last had ended.
    pub gone_after: Duration,
}

impl Leftover {
    /// Watches a gauge from now on.
    async fn of(gauge: &Gauge) -> Self {
        let start = Instant::now();
        let _ = tokio::time::timeout(SETTLE, gauge.idle()).await;
        let running = gauge.now();
        gauge.idle().await;
        Self {
            running,
            gone_after: start.elapsed(),
        }
    }
}
