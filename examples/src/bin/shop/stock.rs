//! The shelves by gRPC, for the warehouse.

use crate::shop::Shop;
use futures::stream::{BoxStream, StreamExt, unfold};
use metrics::counter;
use rejoin::guarded;
use tonic::{Request, Response, Status};
use wire::stock_server::{Stock, StockServer};
use wire::{Delivery, Item, Level};

/// What `tonic-prost-build` has made of `stock/stock.proto`; it stands here so that nobody needs `protoc`.
#[expect(clippy::pedantic, unreachable_pub, reason = "it is generated")]
#[path = "stock/generated.rs"]
mod wire;

struct Warehouse(Shop);

pub(crate) fn service(shop: Shop) -> StockServer<impl Stock> {
    StockServer::new(Warehouse(shop))
}

#[tonic::async_trait]
impl Stock for Warehouse {
    #[guarded]
    async fn deliver(&self, request: Request<Delivery>) -> Result<Response<Level>, Status> {
        counter!("shop_requests_total", "protocol" => "grpc").increment(1);
        let Delivery { item, pieces } = request.into_inner();
        let pieces = self.0.deliver(&item, pieces)?;
        Ok(Response::new(Level { pieces }))
    }

    type WatchStream = BoxStream<'static, Result<Level, Status>>;

    /// A bug: it asserts what a client can get wrong. No attribute stands here, so the layer around the server answers.
    async fn watch(&self, request: Request<Item>) -> Result<Response<Self::WatchStream>, Status> {
        counter!("shop_requests_total", "protocol" => "grpc").increment(1);
        let Item { name } = request.into_inner();
        assert!(!name.is_empty(), "an item without a name");
        let mut level = self.0.watch(&name)?;
        level.mark_changed();
        let levels = unfold(level, async |mut level| {
            level.changed().await.ok()?;
            let pieces = *level.borrow_and_update();
            Some((Ok(Level { pieces }), level))
        });
        // Who watches would be in flight for ever.
        let levels = levels.take_until(rejoin::shutdown_requested());
        Ok(Response::new(levels.boxed()))
    }
}
