//! The handlers of the shop. `without.rs` is this file without the attributes (a test compares them).

use super::error::AppError;
use super::shop::{FetchError, Shop, picture};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use futures::future::try_join_all;
use rejoin::{guarded, task_group};
use tokio::sync::mpsc;

pub(super) fn routes() -> Router<Shop> {
    Router::new()
        .route("/avatar/{name}", get(avatar))
        .route("/checkout/{card}", post(checkout))
        .route("/review/{votes}", post(review))
        .route("/product/{product}", get(product_page))
        .route("/search/{product}", get(search))
        .route("/sign-up/{name}", post(sign_up))
        .route("/pictures/{count}", post(shrink_pictures))
}

/// Draws a customer's initial. Panics where the name begins with a letter of two bytes.
#[guarded]
async fn avatar(Path(name): Path<String>) -> impl IntoResponse {
    format!("<svg><text>{}</text></svg>", name[..1].to_uppercase())
}

/// Mails the receipt beside the answer. Panics *there* where the number is none.
#[task_group]
async fn checkout(
    State(shop): State<Shop>,
    Path(card): Path<String>,
) -> Result<StatusCode, AppError> {
    tokio::spawn(async move {
        let number: u64 = card.parse().expect("a card number has only digits");
        shop.mail(format!("receipt-{number}")).await;
    });
    Ok(StatusCode::ACCEPTED)
}

/// Takes a review, and mails the new average in the background. Panics *there* where nobody voted.
#[guarded]
async fn review(State(shop): State<Shop>, Path(votes): Path<u32>) -> StatusCode {
    tokio::spawn(async move {
        let stars = 50 / votes;
        shop.mail(format!("now-at-{stars}-stars")).await;
    });
    StatusCode::CREATED
}

/// Asks every source at once, and waits for all or for the first failure.
#[task_group]
async fn product_page(
    State(shop): State<Shop>,
    Path(product): Path<String>,
) -> Result<String, AppError> {
    let parts = shop.sources.iter().map(|source| {
        let part = tokio::spawn(shop.clone().fetch(*source, product.clone()));
        async move { Ok::<_, AppError>(part.await??) }
    });
    Ok(try_join_all(parts).await?.join("\n"))
}

/// Asks every source at once, and takes what they find as it comes.
#[task_group]
async fn search(State(shop): State<Shop>, Path(product): Path<String>) -> Result<String, AppError> {
    let (found, mut parts) = mpsc::unbounded_channel();
    for source in shop.sources.iter() {
        let (part, found) = (shop.clone().fetch(*source, product.clone()), found.clone());
        tokio::spawn(async move {
            let _ = found.send(part.await?);
            Ok::<_, FetchError>(())
        });
    }
    drop(found);
    let mut page = Vec::new();
    while let Some(part) = parts.recv().await {
        page.push(part);
    }
    Ok(page.join("\n"))
}

/// Signs a customer up, and sends the mail in the background.
#[guarded]
async fn sign_up(State(shop): State<Shop>, Path(name): Path<String>) -> StatusCode {
    tokio::spawn(shop.mail(name));
    StatusCode::CREATED
}

/// Makes many pictures smaller.
#[task_group(limit = 8)]
async fn shrink_pictures(
    State(shop): State<Shop>,
    Path(count): Path<usize>,
) -> Result<StatusCode, AppError> {
    for number in 0..count {
        tokio::spawn(shop.clone().shrink(picture(number)));
    }
    Ok(StatusCode::ACCEPTED)
}
