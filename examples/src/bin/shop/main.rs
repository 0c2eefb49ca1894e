//! A shop as one would deploy it: orders over HTTP, the warehouse over gRPC, mails from a queue, and a port for whoever
//! looks after it.
//!
//! ```text
//! cargo run --bin shop
//! curl localhost:8080/orders --json '{"customer": "ada@example.org", "lines": [{"item": "tea", "pieces": 2}]}'
//! curl localhost:8080/quote/tea/0     # a bug: 500, and a line in the log that says where
//! curl localhost:9090/metrics         # also /readyz and, for a browser, /debug/tasks
//! kill %1                             # or Ctrl-C: answers what it has accepted, sends the mails, and ends
//! ```
//!
//! | file | what is in it |
//! |---|---|
//! | `main.rs` | the options; start and end |
//! | `orders.rs` | an order: its tasks run side by side, and it is placed as a whole or not at all |
//! | `http.rs` | the handlers, and the layer around them |
//! | `stock.rs`, `stock/` | the same shelves by gRPC |
//! | `mail.rs` | the queue and its worker, which ends when the queue is empty |
//! | `operators.rs` | metrics, health, the live tree |
//! | `shop.rs`, `refused.rs` | the shelves; why an order is refused |

mod http;
mod mail;
mod operators;
mod orders;
mod refused;
mod shop;
mod stock;

use clap::Parser;
use futures::TryFutureExt;
use metrics_exporter_prometheus::PrometheusHandle;
use rejoin::PanicReport;
use rejoin::tower::GuardLayer;
use shop::Shop;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const ENVIRONMENT: &str = "\
Environment:
  REJOIN_ON_PANIC  What a panic does to the process: \"recover\" (the default), \"shutdown\", \"abort\",
                   or for instance \"abort after 5 in 60s\"
  RUST_BACKTRACE   With 1, reports of panics have a backtrace

Exit codes:
  0   Everything has ended in time
  1   The service could not start
  70  Tasks had to be left behind; the log names them
  75  The grace was over and cut work off; the log names it
";

/// A shop.
#[derive(Parser)]
#[command(name = "shop", after_help = ENVIRONMENT)]
struct Options {
    /// Where customers order, by HTTP/1.1 and HTTP/2; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    http: SocketAddr,

    /// Where the warehouse delivers, by gRPC
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    grpc: SocketAddr,

    /// Where operators look: metrics, health and tasks. Nobody else should reach it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    operators: SocketAddr,

    /// How many mails may wait; a customer whose mail finds no place waits, too
    #[arg(long, value_name = "MAILS", default_value_t = 1024)]
    queue: usize,

    /// For how many seconds newcomers are still accepted after SIGTERM. Kubernetes sends some
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    linger: u64,

    /// For how many seconds what is in flight may go on after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    grace: u64,

    /// Where to write the metrics at the end, for what the last scrape has missed; a second signal does not wait for that
    #[arg(long, value_name = "FILE")]
    last_metrics: Option<PathBuf>,
}

/// What the attribute asks for before there is a runtime.
fn grace() -> Duration {
    Duration::from_secs(Options::parse().grace)
}

#[rejoin::main(grace = grace(), name = "shop")]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    rejoin::on_panic(wake_somebody_up);
    let metrics = operators::record_metrics()?;
    let last = options.last_metrics.map(|file| LastMetrics {
        metrics: metrics.clone(),
        file,
    });

    let http = TcpListener::bind(options.http).await?;
    let grpc = TcpListener::bind(options.grpc).await?;
    let operators = TcpListener::bind(options.operators).await?;
    println!("http {}", http.local_addr()?);
    println!("grpc {}", grpc.local_addr()?);
    println!("operators {}", operators.local_addr()?);

    let shop = Shop::open(mail::open(options.queue));
    operators::serve(operators, metrics);

    let linger = Duration::from_secs(options.linger);
    let http =
        axum::serve(http, http::routes(shop.clone())).with_graceful_shutdown(last_call(linger));
    let grpc = Server::builder()
        .layer(GuardLayer::new())
        .add_service(stock::service(shop))
        .serve_with_incoming_shutdown(TcpIncoming::from(grpc), last_call(linger));
    // They return when the last request is answered. No sender of the queue is left then, so its worker comes to an end.
    tokio::try_join!(http.into_future().err_into::<Failure>(), grpc.err_into())?;

    if last.is_some() {
        // Not before everything has ended.
        rejoin::root().join(grace()).await;
    }
    Ok(())
}

/// Written when the main function ends, and also when it is dropped because the grace is over: then one wants to see them
/// most of all.
struct LastMetrics {
    metrics: PrometheusHandle,
    file: PathBuf,
}

impl Drop for LastMetrics {
    fn drop(&mut self) {
        if let Err(error) = std::fs::write(&self.file, self.metrics.render()) {
            tracing::error!("no last metrics in {}: {error}", self.file.display());
        }
    }
}

/// When to stop accepting.
async fn last_call(linger: Duration) {
    rejoin::shutdown_requested().await;
    tokio::time::sleep(linger).await;
}

/// Hears of every panic of the process, also of those in code that nobody annotated. The log has them anyway.
fn wake_somebody_up(panic: &PanicReport) {
    let place = panic.name().or(panic.request()).unwrap_or("nowhere");
    eprintln!("ALARM in {place}: {}", panic.message());
}
