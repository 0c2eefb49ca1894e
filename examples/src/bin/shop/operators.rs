//! For whoever looks after the shop: metrics, health, and what it is doing.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use futures::FutureExt;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use rejoin::guarded;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::interval;

/// Everything that is counted, by rejoin and by the shop, goes to Prometheus.
#[guarded(on_panic = "unwind", name = "upkeep")]
pub(crate) fn record_metrics() -> Result<PrometheusHandle, BuildError> {
    let cancel_seconds = Matcher::Full("rejoin_cancel_seconds".to_owned());
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(cancel_seconds, &[0.001, 0.01, 0.1, 1.0, 10.0])?
        .install_recorder()?;
    tokio::spawn(upkeep(metrics.clone()));
    Ok(metrics)
}

/// The recorder keeps every single value of a histogram until it is asked to sum them up.
async fn upkeep(metrics: PrometheusHandle) {
    let mut now_and_then = interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            _ = now_and_then.tick() => metrics.run_upkeep(),
            () = rejoin::shutdown_requested() => return,
        }
    }
}

/// Serves until the process ends. No attribute stands here, so the server is a task that rejoin does not own, and a shutdown
/// does not wait for it: operators can look at what it does wait for.
pub(crate) fn serve(listener: TcpListener, metrics: PrometheusHandle) {
    let routes = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(async move || metrics.render()))
        .nest("/debug/tasks", rejoin::tree::router());
    tokio::spawn(axum::serve(listener, routes).into_future());
}

/// No newcomers, please, once the end has begun.
async fn ready() -> (StatusCode, &'static str) {
    match rejoin::shutdown_requested().now_or_never() {
        None => (StatusCode::OK, "ready\n"),
        Some(()) => (StatusCode::SERVICE_UNAVAILABLE, "closing\n"),
    }
}
