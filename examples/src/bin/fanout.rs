//! A price comparison: every supplier is asked at once, all of them within half a second, and when the answer is
//! out no question is open any more.
//!
//! ```text
//! cargo run --bin fanout
//! curl localhost:PORT/price/apples         # 200, the best price
//! curl localhost:PORT/price/unobtainium    # 504 after half a second: one supplier is still thinking
//! curl localhost:PORT/alive                # 0: nobody is left behind
//! ```

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rejoin::{DeadlineExceeded, PanicError, task_group};
use rejoin_examples::stop;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const SUPPLIERS: [&str; 4] = ["north", "east", "south", "west"];

/// Asks every supplier; the group's tasks are gone when it returns, whichever way it does.
#[task_group(deadline = "500ms")]
async fn best_price(Path(item): Path<String>) -> Result<String, NoPrice> {
    let (offer, mut offers) = mpsc::channel(SUPPLIERS.len());
    for supplier in SUPPLIERS {
        let (item, offer) = (item.clone(), offer.clone());
        tokio::spawn(async move {
            let price = ask(supplier, &item).await?;
            let _ = offer.send((price, supplier)).await;
            Ok::<_, SoldOut>(())
        });
    }
    drop(offer);
    let mut best = None;
    while let Some(next) = offers.recv().await {
        best = Some(best.map_or(next, |best| next.min(best)));
    }
    let (price, supplier) = best.ok_or(NoPrice::SoldOut)?;
    Ok(format!("{price} from {supplier}\n"))
}

/// Stands for a request to a supplier's server.
async fn ask(supplier: &str, item: &str) -> Result<usize, SoldOut> {
    match item {
        "unobtainium" if supplier == "south" => std::future::pending().await,
        "moonlight" if supplier == "west" => Err(SoldOut),
        _ => {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(item.len() * 10 + supplier.len())
        }
    }
}

#[derive(Debug)]
struct SoldOut;

impl std::fmt::Display for SoldOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sold out")
    }
}

enum NoPrice {
    SoldOut,
    Late,
    Broken(PanicError),
}

impl From<SoldOut> for NoPrice {
    fn from(_: SoldOut) -> Self {
        Self::SoldOut
    }
}

impl From<DeadlineExceeded> for NoPrice {
    fn from(_: DeadlineExceeded) -> Self {
        Self::Late
    }
}

impl From<PanicError> for NoPrice {
    fn from(panic: PanicError) -> Self {
        Self::Broken(panic)
    }
}

impl IntoResponse for NoPrice {
    fn into_response(self) -> Response {
        match self {
            Self::SoldOut => (StatusCode::NOT_FOUND, "sold out\n").into_response(),
            Self::Late => (StatusCode::GATEWAY_TIMEOUT, "too late\n").into_response(),
            Self::Broken(panic) => rejoin::FromPanic::from_panic(panic),
        }
    }
}

/// How many tasks of ours are alive in the whole process.
async fn alive() -> String {
    rejoin::root().live().len().to_string()
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new()
        .route("/price/{item}", get(best_price))
        .route("/alive", get(alive));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(stop::requested())
        .await
}
