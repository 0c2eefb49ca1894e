//! The shelves: what there is, and what is reserved.

use crate::mail::Mail;
use crate::refused::Refused;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// What there is at first: name, price of a piece in cents, its weight in grams, pieces.
const GOODS: [(&str, u32, u32, u32); 4] = [
    ("tea", 450, 100, 1_000_000),
    ("coffee", 899, 250, 1_000_000),
    ("teapot", 3_900, 1_200, 1_000_000),
    ("samovar", 24_900, 7_500, 1),
];

/// The shop; a clone is another door to it.
#[derive(Clone)]
pub(crate) struct Shop {
    shelves: Arc<HashMap<&'static str, Shelf>>,
    pub(crate) mails: mpsc::Sender<Mail>,
}

struct Shelf {
    cents: u32,
    grams: u32,
    /// Watched by the warehouse.
    pieces: watch::Sender<u32>,
}

/// Pieces that nobody else gets. They go back to their shelf unless they are sold.
pub(crate) struct Reserved {
    shop: Shop,
    item: &'static str,
    pieces: u32,
}

impl Shop {
    pub(crate) fn open(mails: mpsc::Sender<Mail>) -> Self {
        let shelves = GOODS.into_iter().map(|(name, cents, grams, pieces)| {
            let pieces = watch::Sender::new(pieces);
            let shelf = Shelf {
                cents,
                grams,
                pieces,
            };
            (name, shelf)
        });
        Self {
            shelves: Arc::new(shelves.collect()),
            mails,
        }
    }

    fn shelf(&self, item: &str) -> Result<(&'static str, &Shelf), Refused> {
        let shelf = self.shelves.get_key_value(item);
        let (name, shelf) = shelf.ok_or_else(|| Refused::Unknown(item.to_owned()))?;
        Ok((name, shelf))
    }

    /// The price of a piece, in cents.
    pub(crate) async fn price(self, item: String) -> Result<u32, Refused> {
        reply().await;
        Ok(self.shelf(&item)?.1.cents)
    }

    /// What it costs to send so many, in cents for a piece. A bug: nobody has thought of none.
    pub(crate) async fn freight(self, item: String, pieces: u32) -> Result<u32, Refused> {
        reply().await;
        let grams = self.shelf(&item)?.1.grams.saturating_mul(pieces);
        Ok(grams.div_ceil(20_000) * 599 / pieces)
    }

    /// Takes pieces off their shelf. A bug: it asserts what a customer can get wrong.
    pub(crate) async fn reserve(self, item: String, pieces: u32) -> Result<Reserved, Refused> {
        assert!(pieces > 0, "an order of nothing");
        reply().await;
        let (item, shelf) = self.shelf(&item)?;
        let there_are = shelf.pieces.send_if_modified(|there| {
            let rest = there.checked_sub(pieces);
            *there = rest.unwrap_or(*there);
            rest.is_some()
        });
        if !there_are {
            return Err(Refused::SoldOut(item));
        }
        Ok(Reserved {
            shop: self,
            item,
            pieces,
        })
    }

    /// Puts pieces on their shelf, and tells how many there are now. A bug: there may be no room for them.
    pub(crate) fn deliver(&self, item: &str, pieces: u32) -> Result<u32, Refused> {
        let shelf = &self.shelf(item)?.1.pieces;
        let mut now = 0;
        shelf.send_modify(|there| {
            *there = there.checked_add(pieces).expect("room on the shelf");
            now = *there;
        });
        Ok(now)
    }

    /// How many pieces there are, now and whenever that changes.
    pub(crate) fn watch(&self, item: &str) -> Result<watch::Receiver<u32>, Refused> {
        Ok(self.shelf(item)?.1.pieces.subscribe())
    }
}

impl Reserved {
    /// They do not go back; their price in cents.
    pub(crate) fn sell(mut self) -> u64 {
        let pieces = std::mem::take(&mut self.pieces);
        u64::from(self.shop.shelves[self.item].cents) * u64::from(pieces)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.pieces > 0 {
            let shelf = &self.shop.shelves[self.item].pieces;
            shelf.send_modify(|there| *there += self.pieces);
        }
    }
}

/// Stands for the time that a database takes.
pub(crate) async fn reply() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}
