//! Panics of gRPC methods, with tonic's server and client: caught by an attribute on the method, and by the layer.

#![allow(missing_docs)]

mod common;
#[path = "grpc/echo.rs"]
mod echo;

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use hyper::header::CONTENT_TYPE;
use hyper::{Request as HttpRequest, Response as HttpResponse};
use rejoin::tower::GuardLayer;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Response, Status};
use tower::{Layer, ServiceExt, service_fn};

use common::{listen, reports};
use echo::{Echo, EchoClient, EchoServer, Texts, UNSPEAKABLE};

/// Panics as the message says; its attributes catch what they can.
struct Guarded;

#[tonic::async_trait]
impl Echo for Guarded {
    #[rejoin::guarded]
    async fn say(&self, request: Request<String>) -> Result<Response<String>, Status> {
        let text = request.into_inner();
        assert!(!text.contains("panic"), "{text}");
        Ok(Response::new(text))
    }

    #[rejoin::task_group(deadline = "1h")]
    async fn count(&self, request: Request<String>) -> Result<Response<Texts>, Status> {
        let text = request.into_inner();
        tokio::spawn(async move { assert!(!text.contains("panic"), "{text}") });
        Ok(Response::new(Box::pin(stream::empty())))
    }
}

/// Panics as the message says; the layer catches it.
struct Bare {
    gate: Arc<Notify>,
    arrived: mpsc::UnboundedSender<()>,
}

#[tonic::async_trait]
impl Echo for Bare {
    async fn say(&self, request: Request<String>) -> Result<Response<String>, Status> {
        let text = request.into_inner();
        if text == "wait" {
            self.arrived.send(()).unwrap();
            self.gate.notified().await;
        }
        assert!(!text.contains("panic"), "{text}");
        let unspeakable = text == "say it";
        Ok(Response::new(if unspeakable {
            UNSPEAKABLE.to_owned()
        } else {
            text
        }))
    }

    async fn count(&self, request: Request<String>) -> Result<Response<Texts>, Status> {
        let text = request.into_inner();
        assert!(!text.contains("panic at once"), "{text}");
        let numbers = stream::iter(0..3).then(move |number| {
            let text = text.clone();
            async move {
                // Messages that are ready at once go out together, or not at all.
                tokio::task::yield_now().await;
                assert!(number < 2 || !text.contains("panic"), "{text}");
                Ok(number.to_string())
            }
        });
        Ok(Response::new(Box::pin(numbers)))
    }
}

/// A client of this server, on a connection of its own.
macro_rules! serve {
    ($server:expr, $echo:expr) => {{
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = $server.add_service(EchoServer::new($echo));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        let endpoint = Channel::from_shared(format!("http://{address}")).unwrap();
        EchoClient::new(endpoint.connect().await.unwrap())
    }};
}

struct Layered {
    client: EchoClient,
    gate: Arc<Notify>,
    arrivals: mpsc::UnboundedReceiver<()>,
}

async fn layered() -> Layered {
    listen();
    let gate = Arc::new(Notify::new());
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let echo = Bare {
        gate: Arc::clone(&gate),
        arrived,
    };
    let client = serve!(Server::builder().layer(GuardLayer::new()), echo);
    Layered {
        client,
        gate,
        arrivals,
    }
}

/// What a client is told of a panic.
fn assert_internal(status: &Status) {
    assert_eq!(status.code(), Code::Internal, "{status:?}");
    assert_eq!(status.message(), "internal error", "{status:?}");
}

/// The one report with this message.
fn request_of(message: &str) -> String {
    let mut found = reports(message);
    found.retain(|report| report.get("message") == message);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].get("kind"), "panic");
    found[0].get("request").to_owned()
}

#[tokio::test]
async fn a_guarded_method_answers_with_a_status() {
    listen();
    let mut client = serve!(Server::builder(), Guarded);
    assert_eq!(client.say("hello").await.unwrap(), "hello");
    assert_internal(&client.say("panic in a guarded method").await.unwrap_err());
    assert_eq!(request_of("panic in a guarded method"), "");
    assert_eq!(client.say("hello again").await.unwrap(), "hello again");
}

#[tokio::test]
async fn a_panic_of_a_child_is_the_status_of_its_group() {
    listen();
    let mut client = serve!(Server::builder(), Guarded);
    let mut empty = client.count("nothing").await.unwrap();
    assert!(empty.message().await.unwrap().is_none());
    assert_internal(&client.count("panic in a child").await.unwrap_err());
    assert_eq!(request_of("panic in a child"), "");
}

#[tokio::test]
async fn the_layer_answers_with_a_status() {
    let mut client = layered().await.client;
    assert_eq!(client.say("hello").await.unwrap(), "hello");
    assert_internal(&client.say("panic in a method").await.unwrap_err());
    assert_eq!(request_of("panic in a method"), "POST /test.Echo/Say");
    assert_internal(&client.count("panic at once").await.unwrap_err());
    assert_eq!(request_of("panic at once"), "POST /test.Echo/Count");
    assert_eq!(client.say("hello again").await.unwrap(), "hello again");
}

#[tokio::test]
async fn a_stream_that_panics_ends_with_a_status() {
    let mut client = layered().await.client;
    let mut numbers = client.count("go").await.unwrap();
    for number in ["0", "1", "2"] {
        assert_eq!(numbers.message().await.unwrap().as_deref(), Some(number));
    }
    assert_eq!(numbers.message().await.unwrap(), None);

    let mut numbers = client.count("panic half-way").await.unwrap();
    for number in ["0", "1"] {
        assert_eq!(numbers.message().await.unwrap().as_deref(), Some(number));
    }
    assert_internal(&numbers.message().await.unwrap_err());
    assert_eq!(request_of("panic half-way"), "POST /test.Echo/Count");

    // The one message of a unary method is a stream as well.
    assert_internal(&client.say("say it").await.unwrap_err());
    assert_eq!(
        request_of("the encoder of a message"),
        "POST /test.Echo/Say"
    );
}

#[tokio::test]
async fn other_calls_of_a_connection_go_on() {
    let Layered {
        mut client,
        gate,
        mut arrivals,
    } = layered().await;
    let mut other = client.clone();
    let waiting = tokio::spawn(async move { other.say("wait").await });
    arrivals.recv().await.unwrap();
    for _ in 0..3 {
        assert_internal(&client.say("panic beside others").await.unwrap_err());
    }
    gate.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap(), "wait");
}

/// Also where a custom answer is set for everybody else, and for the dialects of gRPC.
#[tokio::test]
async fn the_answer_speaks_the_clients_protocol() {
    let custom = |_: &rejoin::PanicError| HttpResponse::new("custom".to_owned());
    for (asked, answered) in [
        ("application/grpc", Some("application/grpc")),
        ("application/grpc+proto", Some("application/grpc")),
        ("application/grpc-web", Some("application/grpc-web+proto")),
        ("application/json", None),
    ] {
        let handler = service_fn(|request: HttpRequest<()>| async move {
            assert!(request.uri().path().is_empty(), "of any protocol");
            Ok::<_, std::convert::Infallible>(HttpResponse::new(String::new()))
        });
        let service = GuardLayer::answer(custom).layer(handler);
        let request = HttpRequest::post("/x").header(CONTENT_TYPE, asked);
        let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        let content_type = headers
            .get(CONTENT_TYPE)
            .map(|value| value.to_str().unwrap());
        assert_eq!(content_type, answered);
        let status = headers
            .get("grpc-status")
            .map(|value| value.to_str().unwrap());
        assert_eq!(status, answered.map(|_| "13"));
    }
}

#[tokio::test]
async fn failures_become_statuses() {
    use rejoin::{CancelCause, Cancelled, DeadlineExceeded};
    use std::error::Error;

    let status = Status::from(Cancelled::new(CancelCause::Shutdown));
    assert_eq!(
        (status.code(), status.message()),
        (Code::Unavailable, "shutting down")
    );
    assert!(status.source().unwrap().is::<Cancelled>());
    assert_eq!(
        Status::from(Cancelled::new(CancelCause::Deadline)).code(),
        Code::DeadlineExceeded
    );
    let status = Status::from(Cancelled::new(CancelCause::Token));
    assert_eq!(
        (status.code(), status.message()),
        (Code::Cancelled, "cancelled")
    );
    let status = Status::from(DeadlineExceeded::new(Duration::from_secs(1)));
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert!(status.source().unwrap().is::<DeadlineExceeded>());
}
