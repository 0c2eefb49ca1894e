//! Orders over HTTP.

use crate::orders::{Order, Receipt, keep_count, place};
use crate::refused::{Refused, problem};
use crate::shop::Shop;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{StreamExt, TryStreamExt};
use metrics::counter;
use rejoin::tower::GuardLayer;
use rejoin::{guarded, must_join, task_group};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;

/// So long may a line of an upload be.
const LONGEST_LINE: usize = 16 * 1024;

pub(crate) fn routes(shop: Shop) -> Router {
    let internal_error = |_: &_| problem(StatusCode::INTERNAL_SERVER_ERROR, "internal error");
    Router::new()
        .route("/orders", post(order))
        .route("/orders/import", post(import))
        .route("/quote/{item}/{pieces}", get(quote))
        .with_state(shop)
        .layer(GuardLayer::answer(internal_error))
        .layer(from_fn(count))
}

/// Counts requests as they begin, and answers by their status.
async fn count(request: Request, next: Next) -> Response {
    counter!("shop_requests_total", "protocol" => "http").increment(1);
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    counter!("shop_answers_total", "status" => status).increment(1);
    response
}

/// Answers when the order is placed. The bookkeeping goes on behind the answer; a shutdown waits for it.
#[guarded]
async fn order(
    State(shop): State<Shop>,
    Json(order): Json<Order>,
) -> Result<(StatusCode, Json<Receipt>), Refused> {
    let receipt = place(shop, order).await?;
    tokio::spawn(keep_count(receipt.cents));
    Ok((StatusCode::CREATED, Json(receipt)))
}

/// Asks for both at once; a function that lost one of them on some path would not compile. A bug, too: who wants very many
/// gets a panic, which the layer answers.
#[must_join]
async fn quote(
    State(shop): State<Shop>,
    Path((item, pieces)): Path<(String, u32)>,
) -> Result<Json<Value>, Refused> {
    let price = tokio::spawn(shop.clone().price(item.clone()));
    let freight = tokio::spawn(shop.freight(item, pieces));
    let (price, freight) = tokio::join!(price, freight);
    let each = price?? + freight??;
    let cents = each.checked_mul(pieces).expect("a sum that one can pay");
    Ok(Json(json!({ "cents": cents })))
}

/// Places the orders of an upload, one a line.
async fn import(State(shop): State<Shop>, upload: Body) -> Result<Json<Value>, Refused> {
    let tally = Arc::new(Tally::default());
    place_all(shop, upload, Arc::clone(&tally)).await?;
    // Its group has ended, and so has every order of it.
    Ok(Json(
        json!({ "placed": tally.placed, "refused": tally.refused }),
    ))
}

#[derive(Default)]
struct Tally {
    placed: AtomicU64,
    refused: AtomicU64,
}

/// Eight orders at a time: who uploads faster than the shop sells is slowed down, and memory stays flat however long the
/// upload is.
#[task_group(limit = 8)]
async fn place_all(shop: Shop, upload: Body, tally: Arc<Tally>) -> Result<(), Refused> {
    let upload = StreamReader::new(upload.into_data_stream().map_err(io::Error::other));
    let mut lines = FramedRead::new(upload, LinesCodec::new_with_max_length(LONGEST_LINE));
    while let Some(line) = lines.next().await {
        let order = serde_json::from_str(&line?)?;
        let (shop, tally) = (shop.clone(), Arc::clone(&tally));
        tokio::spawn(async move {
            let tally = match place(shop, order).await {
                Ok(_) => &tally.placed,
                Err(_) => &tally.refused,
            };
            tally.fetch_add(1, Ordering::Relaxed);
        });
    }
    Ok(())
}
