//! A client that hangs up: what ends with its request, and what does not.

use std::future::pending;
use std::net::SocketAddr;
use std::panic::panic_any;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use futures::{StreamExt, stream};
use hyper::Version;
use rejoin::tower::GuardLayer;
use tokio::sync::{Notify, mpsc};

use crate::common::{listen, reports};
use crate::wire::{Client, serve};

type Events = mpsc::UnboundedSender<&'static str>;

/// Says when it is dropped.
struct Dropped(Events, &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.send(self.1).unwrap();
    }
}

#[derive(Clone)]
struct App {
    events: Events,
    gate: Arc<Notify>,
}

#[rejoin::task_group]
async fn group(State(app): State<App>) -> Result<String, StatusCode> {
    let child = Dropped(app.events.clone(), "child");
    tokio::spawn(async move {
        app.events.send("waiting").unwrap();
        let _child = child;
        pending::<()>().await;
    });
    pending().await
}

#[rejoin::guarded]
async fn background(State(app): State<App>) -> Result<String, StatusCode> {
    let handler = Dropped(app.events.clone(), "handler");
    tokio::spawn(async move {
        app.gate.notified().await;
        app.events.send("done").unwrap();
    });
    handler.0.send("waiting").unwrap();
    pending().await
}

/// Its destructor panics.
struct Bomb(Events);

impl Drop for Bomb {
    fn drop(&mut self) {
        let _ = self.0.send("bomb");
        panic_any("the destructor of a handler that was left");
    }
}

async fn bomb(State(app): State<App>) -> String {
    let _bomb = Bomb(app.events.clone());
    app.events.send("waiting").unwrap();
    pending().await
}

async fn body(State(app): State<App>) -> Response {
    let dropped = Dropped(app.events.clone(), "body");
    let first = stream::once(async { Ok::<_, std::io::Error>("first") });
    let rest = stream::once(async move {
        dropped.0.send("waiting").unwrap();
        pending().await
    });
    Response::new(Body::from_stream(first.chain(rest)))
}

struct Service {
    address: SocketAddr,
    seen: mpsc::UnboundedReceiver<&'static str>,
    gate: Arc<Notify>,
}

async fn service() -> Service {
    let (events, seen) = mpsc::unbounded_channel();
    let gate = Arc::new(Notify::new());
    let app = App {
        events,
        gate: Arc::clone(&gate),
    };
    let router = Router::new()
        .route("/group", get(group))
        .route("/background", get(background))
        .route("/bomb", get(bomb))
        .route("/body", get(body))
        .layer(GuardLayer::new())
        .with_state(app);
    Service {
        address: serve(router).await,
        seen,
        gate,
    }
}

impl Service {
    /// Asks, and hangs up when the handler waits.
    async fn ask_and_leave(&mut self, version: Version, path: &str) {
        let mut client = Client::connect(version, self.address).await;
        tokio::select! {
            seen = client.head(path) => panic!("{seen:?}"),
            event = self.seen.recv() => assert_eq!(event, Some("waiting")),
        }
    }
}

#[tokio::test]
async fn its_task_groups_are_cancelled() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut service = service().await;
        service.ask_and_leave(version, "/group").await;
        assert_eq!(service.seen.recv().await, Some("child"));
    }
}

#[tokio::test]
async fn its_background_work_goes_on() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut service = service().await;
        service.ask_and_leave(version, "/background").await;
        assert_eq!(service.seen.recv().await, Some("handler"));
        service.gate.notify_one();
        assert_eq!(service.seen.recv().await, Some("done"));
    }
}

#[tokio::test]
async fn a_destructor_that_panics_is_told_of() {
    listen();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut service = service().await;
        service.ask_and_leave(version, "/bomb").await;
        assert_eq!(service.seen.recv().await, Some("bomb"));
    }
    let told = reports("the destructor of a handler that was left");
    assert_eq!(told.len(), 2);
    for report in told {
        assert_eq!(report.get("kind"), "panic");
        assert_eq!(report.get("request"), "GET /bomb");
    }
}

#[tokio::test]
async fn its_body_is_dropped() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut service = service().await;
        let mut client = Client::connect(version, service.address).await;
        let response = client.head("/body").await.unwrap();
        drop((response, client));
        while service.seen.recv().await != Some("body") {}
    }
}
