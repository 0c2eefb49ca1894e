//! What a subscriber sees of a request: its span, which tasks inherit, and the event at its end.

use std::convert::Infallible;
use std::fmt::{Debug, Write};
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use hyper::{Request, Response, Version};
use rejoin::tower::GuardLayer;
use tower::{Layer as _, ServiceExt, service_fn};
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::faulty::{Fault, Faulty};
use crate::wire::{Client, get as ask, serve};

/// The events of this thread: `request` ones by their fields, others by their message and span.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

/// The fields that are the same each time.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0.insert_str(0, &format!("{value:?}"));
        } else {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        assert!(
            field.name() == "elapsed_ms" && value > 0.0,
            "{field} {value}"
        );
    }
}

impl<S> Layer<S> for Log
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let target = event.metadata().target();
        let ours = target == "rejoin::request" || target.starts_with("http::times");
        if let (true, Some(span)) = (ours, context.event_span(event)) {
            let mut line = Line::default();
            event.record(&mut line);
            self.0
                .lock()
                .unwrap()
                .push(format!("{}: {}", span.name(), line.0));
        }
    }
}

impl Log {
    /// Listens to what this thread does.
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let guard = tracing_subscriber::registry()
            .with(log.clone())
            .set_default();
        (log, guard)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Waits for the next line, which a server may write when its client has long read the response.
    async fn next(&self) -> String {
        loop {
            if let Some(line) = self.take().pop() {
                return line;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_request_is_timed_by_its_route() {
    let (log, _listening) = Log::start();
    let user = || async { "Ada" };
    let app = Router::new()
        .route("/users/{id}", get(user))
        .route_service("/panics", Faulty(Fault::Handler, "timed"))
        .route_service("/half-way", Faulty(Fault::HalfWay, "timed"))
        .layer(GuardLayer::new());
    let server = serve(app).await;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for (path, line) in [
            (
                "/users/7?x=y",
                r#"route="/users/{id}" status=200 outcome="answered""#,
            ),
            (
                "/panics",
                r#"route="/panics" status=500 outcome="panicked""#,
            ),
            (
                "/half-way",
                r#"route="/half-way" status=200 outcome="panicked""#,
            ),
        ] {
            ask(version, server, path).await;
            let line = format!(r#"request: request ended method="GET" {line}"#);
            assert_eq!(log.next().await, line);
        }
    }
}

#[tokio::test]
async fn a_request_ends_with_its_body() {
    let (log, _listening) = Log::start();
    let service = GuardLayer::new().layer(Faulty(Fault::None, ""));
    let request = Request::get("/x?y=z").body(()).unwrap();
    let response = service.clone().oneshot(request).await.unwrap();
    assert_eq!(log.take(), [""; 0]);
    drop(response);
    let line = r#"request: request ended method="GET" path="/x" status=200 outcome="dropped""#;
    assert_eq!(log.take(), [line]);
    // What has no body to send is answered.
    let request = Request::head("/").body(()).unwrap();
    drop(service.oneshot(request).await.unwrap());
    assert!(log.take()[0].ends_with(r#"outcome="answered""#));
}

#[tokio::test]
async fn a_request_without_response_ends_too() {
    let (log, _listening) = Log::start();
    let failing = service_fn(|_: Request<()>| ready(Err::<Response<String>, _>("no luck")));
    let failed = GuardLayer::new().layer(failing).oneshot(Request::new(()));
    failed.await.unwrap_err();
    let line = r#"request: request ended method="GET" path="/" outcome="failed""#;
    assert_eq!(log.take(), [line]);

    let waiting = service_fn(|_: Request<()>| pending::<Result<Response<String>, Infallible>>());
    let waiting = GuardLayer::new().layer(waiting).oneshot(Request::new(()));
    let mut waiting = Box::pin(waiting);
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(waiting);
    let line = r#"request: request ended method="GET" path="/" outcome="dropped""#;
    assert_eq!(log.take(), [line]);
}

#[tokio::test]
async fn the_tasks_of_a_request_are_in_its_span() {
    #[rejoin::task_group]
    async fn handler() -> &'static str {
        tokio::spawn(async { tracing::info!("in a task") });
        tracing::info!("in the handler");
        "both"
    }

    let (log, _listening) = Log::start();
    let app = Router::new()
        .route("/", get(handler))
        .layer(GuardLayer::new());
    let server = serve(app).await;
    let mut client = Client::connect(Version::HTTP_11, server).await;
    client.head("/").await.unwrap();
    let lines = log.take();
    assert_eq!(
        lines[..2],
        ["request: in the handler", "request: in a task"]
    );
}
