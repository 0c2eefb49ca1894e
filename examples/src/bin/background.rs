//! Work in the background that survives its request, and a plain `#[tokio::main]` that waits for it before it ends.
//!
//! ```text
//! cargo run --bin background
//! curl -X POST localhost:PORT/report/2025    # 202 at once, written in the background
//! curl -X POST localhost:PORT/report/0       # 202 as well; the panic is in the log, with the task's name
//! ```
//!
//! Then press Ctrl-C: the reports that were begun are finished first.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use rejoin::guarded;
use rejoin_examples::gauge::Gauge;
use rejoin_examples::stop;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;

/// Answers at once; the report belongs to no request, so the root waits for it.
#[guarded]
async fn order_report(State(written): State<Gauge>, Path(year): Path<u32>) -> StatusCode {
    let report = written.enter();
    tokio::spawn(async move {
        let years_ago = 2026 % year;
        tokio::time::sleep(Duration::from_millis(300)).await;
        println!("the report of {years_ago} years ago is written");
        report.finish();
    });
    StatusCode::ACCEPTED
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let written = Gauge::default();
    let app = Router::new()
        .route("/report/{year}", post(order_report))
        .with_state(written.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(stop::requested())
        .await?;

    // No request is open any more. Now for what they have left behind.
    let survivors = rejoin::root().join(Duration::from_secs(5)).await;
    println!(
        "{} written, {} given up",
        written.finished(),
        survivors.len()
    );
    Ok(())
}
