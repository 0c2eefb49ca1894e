//! Thousands of requests, a tenth of which panic: each client sees what it should, and nothing is left in the end.

#![allow(missing_docs)]

mod common;
#[path = "grpc/echo.rs"]
mod echo;
#[path = "http/wire.rs"]
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{StreamExt, stream};
use hyper::Version;
use rejoin::tower::GuardLayer;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};

use common::{listen, reports};
use echo::{Echo, EchoClient, EchoServer, Texts};
use wire::{Client, Seen};

/// Requests that are under way at the same time.
const CLIENTS: usize = 16;
/// What each of them asks for, one after the other.
const REQUESTS: usize = 200;

/// Where the request with this number panics, and how its message begins: one in ten does.
fn fault(number: usize) -> Option<&'static str> {
    const FAULTS: [&str; 4] = [
        "in the handler",
        "in a child",
        "in the body",
        "in the background",
    ];
    number
        .is_multiple_of(10)
        .then(|| FAULTS[number / 10 % FAULTS.len()])
}

/// Panics in its own part of the work.
fn work(number: usize, part: &str) {
    if fault(number) == Some(part) {
        std::panic::panic_any(format!("{part}: {number}"));
    }
}

#[rejoin::guarded(on_panic = "unwind")]
async fn handle(Path(number): Path<usize>) -> Result<Response, StatusCode> {
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        work(number, "in the background");
    });
    let sum = fan_out(number).await?;
    work(number, "in the handler");
    let frames = stream::iter(0..3).then(move |frame| async move {
        tokio::task::yield_now().await;
        if frame == 2 {
            work(number, "in the body");
        }
        Ok::<_, std::io::Error>(format!("{sum} "))
    });
    Ok(Body::from_stream(frames).into_response())
}

#[rejoin::task_group]
async fn fan_out(number: usize) -> Result<usize, StatusCode> {
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        work(number, "in a child");
    });
    let one = tokio::spawn(async move { number });
    let two = tokio::spawn(async move { number });
    match (one.await, two.await) {
        (Ok(one), Ok(two)) => Ok(one + two),
        // Aborted, because the other child has panicked.
        _ => std::future::pending().await,
    }
}

fn expected(version: Version, number: usize, seen: &Seen) {
    let sum = 2 * number;
    match (fault(number), seen) {
        (None | Some("in the background"), Seen::Answer { status, body, .. }) => {
            assert_eq!(
                (*status, body.as_str()),
                (200, &*format!("{sum} {sum} {sum} "))
            );
        }
        // An `Err`, of which the layer sees nothing, so the connection stays.
        (Some("in a child"), Seen::Answer { status, closes, .. }) => {
            assert_eq!((*status, *closes), (500, false));
        }
        (
            Some("in the handler"),
            Seen::Answer {
                status,
                closes,
                body,
            },
        ) => {
            assert_eq!((*status, body.as_str()), (500, ""));
            assert_eq!(*closes, version == Version::HTTP_11);
        }
        (Some("in the body"), Seen::Broken { status, body }) => {
            assert_eq!(*status, 200);
            assert!(format!("{sum} {sum} ").starts_with(body), "{body}");
        }
        // Where a response is reset before its client has looked at it.
        (Some("in the body"), Seen::Nothing) if version == Version::HTTP_2 => {}
        (fault, seen) => panic!("{fault:?} gave {seen:?}"),
    }
}

/// One of the clients: over HTTP/1.1 on connections of its own, over HTTP/2 on one that all share.
async fn ask(server: SocketAddr, shared: Option<Client>, first: usize) {
    let version = if shared.is_some() {
        Version::HTTP_2
    } else {
        Version::HTTP_11
    };
    let mut client = match shared {
        Some(client) => client,
        None => Client::connect(version, server).await,
    };
    for number in first..first + REQUESTS {
        let seen = client.get(&format!("/{number}")).await;
        expected(version, number, &seen);
        let over = !matches!(seen, Seen::Answer { closes: false, .. });
        if version == Version::HTTP_11 && over {
            client = Client::connect(version, server).await;
        }
    }
}

/// Counts the reports of each fault among so many requests.
fn all_reported(count: usize) {
    for part in [
        "in the handler",
        "in a child",
        "in the body",
        "in the background",
    ] {
        let requests = (0..count).filter(|number| fault(*number) == Some(part));
        assert_eq!(
            reports(&format!("{part}: ")).len(),
            requests.count(),
            "{part}"
        );
    }
    for report in reports("in the handler: ")
        .iter()
        .chain(&reports("in the body: "))
    {
        assert_eq!(report.get("request"), "GET /{number}");
    }
}

struct Texter;

#[tonic::async_trait]
impl Echo for Texter {
    #[rejoin::guarded]
    async fn say(&self, request: Request<String>) -> Result<tonic::Response<String>, Status> {
        let text = request.into_inner();
        tokio::spawn(tokio::task::yield_now());
        assert!(!text.ends_with('0'), "in a method: {text}");
        Ok(tonic::Response::new(text))
    }

    async fn count(&self, request: Request<String>) -> Result<tonic::Response<Texts>, Status> {
        let text = request.into_inner();
        let texts = stream::iter(0..2).then(move |number| {
            let text = text.clone();
            async move {
                tokio::task::yield_now().await;
                assert!(number == 0 || !text.ends_with('0'), "in a stream: {text}");
                Ok(text)
            }
        });
        Ok(tonic::Response::new(Box::pin(texts)))
    }
}

async fn call(mut client: EchoClient, first: usize) {
    for number in first..first + REQUESTS / 2 {
        let panics = number.is_multiple_of(10);
        let text = number.to_string();
        let said = client.say(&text).await.map_err(|status| status.code());
        let expected = if panics {
            Err(Code::Internal)
        } else {
            Ok(text.clone())
        };
        assert_eq!(said, expected);

        let mut texts = client.count(&text).await.unwrap();
        assert_eq!(texts.message().await.unwrap(), Some(text.clone()));
        let second = texts.message().await.map_err(|status| status.code());
        assert_eq!(second, expected.map(Some));
    }
}

/// One test, since it looks at every task of the process in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tenth_panics_and_nothing_is_left() {
    listen();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let server = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/{number}", get(handle))
        .layer(GuardLayer::new());
    tokio::spawn(async { axum::serve(listener, app).await });

    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut tonic = Server::builder().layer(GuardLayer::new());
    let tonic = tonic.add_service(EchoServer::new(Texter));
    tokio::spawn(tonic.serve_with_incoming(TcpIncoming::from(listener)));
    let channel = Channel::from_shared(address)
        .unwrap()
        .connect()
        .await
        .unwrap();
    let grpc = EchoClient::new(channel);

    let shared = Client::connect(Version::HTTP_2, server).await;
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let shared = client.is_multiple_of(2).then(|| shared.stream());
        clients.spawn(ask(server, shared, client * REQUESTS));
        clients.spawn(call(grpc.clone(), client * REQUESTS));
    }
    clients.join_all().await;

    // All is there as before, on the connections that all have used.
    expected(Version::HTTP_2, 1, &shared.stream().get("/1").await);
    assert_eq!(grpc.clone().say("1").await.unwrap(), "1");

    // What is left is background work, which ends by itself.
    assert_eq!(rejoin::root().join(Duration::from_secs(60)).await.len(), 0);
    assert_eq!(rejoin::root().live().len(), 0);
    all_reported(CLIENTS * REQUESTS);
    let calls = CLIENTS * REQUESTS / 2 / 10;
    assert_eq!(reports("in a method: ").len(), calls);
    assert_eq!(reports("in a stream: ").len(), calls);
}
