//! The shop, run as it is deployed: a real process, under a load of HTTP/1.1, HTTP/2 and gRPC of which every third request
//! provokes a panic, and stopped by SIGTERM in the middle.
//!
//! Nothing here waits for a time to pass: what is waited for is seen in the shop's metrics, or on its sockets.
#![cfg(unix)]

#[path = "shop/http2.rs"]
mod http2;
#[path = "shop/load.rs"]
mod load;
#[path = "shop/process.rs"]
mod process;
#[path = "shop/samples.rs"]
mod samples;
#[path = "../src/bin/shop/stock/generated.rs"]
#[allow(
    clippy::pedantic,
    dead_code,
    unreachable_pub,
    reason = "it is generated"
)]
mod wire;

use axum::http::StatusCode;
use load::{Load, Seen, Upload};
use process::Process;
use rejoin_examples::client;
use samples::Samples;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tonic::Code;
use wire::stock_client::StockClient;
use wire::{Delivery, Item};

/// What the operators' port answers.
async fn look(shop: &Process, path: &str) -> String {
    let reply = client::get(shop.operators, path).await;
    assert_eq!(reply.status(), Some(StatusCode::OK), "{path}: {reply}");
    reply.body().to_owned()
}

async fn samples(shop: &Process) -> Samples {
    Samples::read(&look(shop, "/metrics").await)
}

/// Scrapes until it is as it should be; the process does not live for ever.
async fn scraped(shop: &Process, mut is_so: impl FnMut(&Samples) -> bool) -> Samples {
    loop {
        let samples = samples(shop).await;
        if is_so(&samples) {
            return samples;
        }
    }
}

/// Whether the shop has counted what its customers have seen.
fn assert_agrees(samples: &Samples, seen: &Seen, imported: u64) {
    let http = samples.of("shop_requests_total", "http");
    let uploads = u64::from(imported > 0);
    assert_eq!(http, seen.http + uploads, "every request has an answer");
    assert_eq!(samples.of("shop_requests_total", "grpc"), seen.grpc);
    assert_eq!(
        samples.of("shop_answers_total", "500"),
        seen.internal_errors
    );
    assert_eq!(
        samples.sum("rejoin_panics_total"),
        seen.panics,
        "{samples:?}"
    );
    assert_eq!(samples.sum("shop_orders_total"), seen.orders + imported);
    assert_eq!(
        samples.sum("shop_mails_queued_total"),
        seen.orders + imported
    );
    assert_eq!(samples.sum("shop_mails_total"), seen.orders + imported);
    assert_eq!(samples.of("shop_mails_total", "broken"), seen.broken_mails);
    let groups = samples.sum("rejoin_cancel_seconds_count");
    assert!(groups > 0, "orders that panic cancel their group");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_is_answered_and_the_metrics_agree() {
    let shop = Process::start();
    assert_eq!(look(&shop, "/readyz").await, "ready\n");
    assert_eq!(look(&shop, "/livez").await, "alive\n");
    let idle = scraped(&shop, |samples| samples.sum("rejoin_tasks_alive") == 2).await;
    assert_eq!(idle.sum("rejoin_tasks_spawned_total"), 2);

    let mut seen = Load::of(&shop, 600).run().await;
    assert_eq!(seen.http + seen.grpc, 600);
    assert!(seen.panics > 100, "{seen:?}");

    // Mails and bookkeeping go on behind the answers. Then there is nobody but the worker and the upkeep.
    scraped(&shop, |samples| {
        samples.sum("shop_mails_total") == seen.orders
    })
    .await;
    scraped(&shop, |samples| samples.sum("rejoin_tasks_alive") == 2).await;
    assert_agrees(&samples(&shop).await, &seen, 0);
    let tasks = look(&shop, "/debug/tasks").await;
    for name in [
        "2 tasks in 1 group",
        "mailer",
        "upkeep",
        "shop::mail::send_all",
    ] {
        assert!(tasks.contains(name), "no {name:?} in {tasks}");
    }

    // Each order has sold a piece; what an order that failed had reserved is on its shelf again.
    let mut warehouse = StockClient::connect(format!("http://{}", shop.grpc))
        .await
        .unwrap();
    for name in ["tea", "coffee"] {
        let item = Item {
            name: name.to_owned(),
        };
        let mut levels = warehouse.watch(item).await.unwrap().into_inner();
        let pieces = levels.message().await.unwrap().unwrap().pieces;
        assert_eq!(u64::from(pieces), 1_000_000 - seen.orders, "{name}");
        seen.grpc += 1;
    }

    shop.signal("TERM");
    let ended = shop.ended();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_agrees(&ended.last_metrics, &seen, 0);
    assert_eq!(ended.last_metrics.sum("rejoin_tasks_alive"), 0);
}

/// Connects until it is refused.
async fn refuses(address: SocketAddr) {
    while TcpStream::connect(address).await.is_ok() {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_nothing() {
    let shop = Process::start();

    // A customer whose upload is not at its end, and the warehouse, which watches a shelf.
    let mut upload = Upload::begin(shop.http).await;
    upload
        .send(r#"{"customer": "eve@example.org", "lines": []}"#)
        .await;
    let mut warehouse = StockClient::connect(format!("http://{}", shop.grpc))
        .await
        .unwrap();
    let item = Item {
        name: "samovar".to_owned(),
    };
    let mut levels = warehouse.watch(item).await.unwrap().into_inner();
    assert_eq!(levels.message().await.unwrap().unwrap().pieces, 1);
    let item = "samovar".to_owned();
    let delivered = warehouse.deliver(Delivery { item, pieces: 2 }).await;
    assert_eq!(delivered.unwrap().into_inner().pieces, 3);
    assert_eq!(levels.message().await.unwrap().unwrap().pieces, 3);
    let nothing = warehouse.watch(Item::default()).await.unwrap_err();
    assert_eq!(nothing.code(), Code::Internal, "{nothing:?}");
    scraped(&shop, |samples| samples.sum("shop_orders_total") == 1).await;
    let tasks = look(&shop, "/debug/tasks").await;
    assert!(tasks.contains("shop::http::place_all"), "{tasks}");

    let load = Load::of(&shop, usize::MAX);
    let (mut seen, ()) = tokio::join!(load.clone().run(), async {
        load.busy(300).await;
        load.closes();
        shop.signal("TERM");
        refuses(shop.http).await;
        refuses(shop.grpc).await;
    });
    // Everybody has been served or refused but the two, who keep the shop from ending.
    let unready = client::get(shop.operators, "/readyz").await;
    assert_eq!(unready.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(look(&shop, "/livez").await, "alive\n");
    let tasks = look(&shop, "/debug/tasks").await;
    for name in ["shop::http::place_all", "shop::mail::send_all"] {
        assert!(tasks.contains(name), "no {name:?} in {tasks}");
    }
    assert!(levels.message().await.unwrap().is_none(), "told to go");
    upload
        .send(r#"{"customer": "eve@example.org", "lines": []}"#)
        .await;
    assert_eq!(upload.end().await, r#"{"placed":2,"refused":0}"#);

    let ended = shop.ended();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    seen.grpc += 3;
    seen.panics += 1;
    assert_agrees(&ended.last_metrics, &seen, 2);
    assert_eq!(ended.last_metrics.sum("rejoin_tasks_alive"), 0);
    assert_eq!(ended.lines("ALARM in "), seen.panics);
    assert_eq!(ended.lines("left behind"), 0, "{}", ended.stderr);
}

/// What does not end in time is cancelled; the metrics say how far it was.
#[tokio::test]
async fn the_metrics_are_written_also_when_the_grace_is_over() {
    let shop = Process::start_with(&["--grace", "0"]);
    let mut upload = Upload::begin(shop.http).await;
    upload
        .send(r#"{"customer": "eve@example.org", "lines": []}"#)
        .await;
    scraped(&shop, |samples| samples.sum("shop_orders_total") == 1).await;
    shop.signal("TERM");
    let ended = shop.ended();
    assert_eq!(ended.code, Some(75), "{ended:?}");
    assert_eq!(ended.last_metrics.sum("shop_orders_total"), 1);
    assert_eq!(ended.lines("the grace of 0s is over"), 1, "{ended:?}");
}

#[tokio::test]
async fn newcomers_are_served_while_it_lingers() {
    let shop = Process::start_with(&["--linger", "3600"]);
    shop.signal("TERM");
    while client::get(shop.operators, "/readyz").await.body() != "closing\n" {}
    let quote = client::get(shop.http, "/quote/tea/2").await;
    assert_eq!(quote.status(), Some(StatusCode::OK), "{quote}");
    // Who does not want to wait for it says so again.
    shop.signal("TERM");
    let ended = shop.ended();
    assert_eq!(ended.code, Some(143), "{ended:?}");
}

#[tokio::test]
async fn it_says_what_it_can_be_told() {
    let help = Process::run(&["--help"]);
    assert_eq!(help.code, Some(0));
    for known in [
        "--operators <ADDRESS>",
        "[default: 127.0.0.1:8080]",
        "REJOIN_ON_PANIC",
    ] {
        assert!(help.stdout.contains(known), "no {known} in {}", help.stdout);
    }
    let shop = Process::start();
    let taken = Process::run(&["--operators", &shop.operators.to_string()]);
    assert_eq!(taken.code, Some(1), "{taken:?}");
    assert_eq!(taken.stdout, "");
    shop.signal("INT");
    assert_eq!(shop.ended().code, Some(0));
}
