//! An order.

use crate::mail::Mail;
use crate::refused::Refused;
use crate::shop::{Reserved, Shop, reply};
use metrics::counter;
use rejoin::task_group;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

#[derive(Deserialize)]
pub(crate) struct Order {
    customer: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    item: String,
    pieces: u32,
}

/// What the customer is told.
#[derive(Serialize)]
pub(crate) struct Receipt {
    customer: String,
    pub(crate) cents: u64,
}

/// Reserves all lines side by side, and sells all of them or nothing. When one is sold out, when the time is up and when
/// the customer hangs up, the tasks stop, and what they have reserved is back on its shelf.
#[task_group(deadline = "2s")]
pub(crate) async fn place(shop: Shop, order: Order) -> Result<Receipt, Refused> {
    let mut reserving = JoinSet::new();
    for line in order.lines {
        reserving.spawn(shop.clone().reserve(line.item, line.pieces));
    }
    let mut reserved = Vec::new();
    while let Some(line) = reserving.join_next().await {
        reserved.push(line??);
    }
    // First a place for the mail: from there on nothing can come between.
    let place = shop.mails.reserve().await?;
    let cents = reserved.into_iter().map(Reserved::sell).sum();
    place.send(Mail::new(&order.customer));
    counter!("shop_orders_total").increment(1);
    Ok(Receipt {
        customer: order.customer,
        cents,
    })
}

/// Keeps count of what customers spend, in the background.
pub(crate) async fn keep_count(cents: u64) {
    reply().await;
    counter!("shop_cents_total").increment(cents);
}
