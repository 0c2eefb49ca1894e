//! What the layer adds to a service: names, answers, times; and what it leaves as it is.

use std::future::{pending, ready};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use http_body::Body as _;
use hyper::Version;
use rejoin::PanicError;
use rejoin::tower::{GuardBody, GuardLayer};
use tokio::sync::{Notify, mpsc};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use crate::common::{Report, listen, reports};
use crate::faulty::{Fault, Faulty};
use crate::wire::{Client, Seen, get as ask, serve};

const BOTH: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

fn answer(status: u16, body: &str) -> Seen {
    let body = body.to_owned();
    let closes = false;
    Seen::Answer {
        status,
        closes,
        body,
    }
}

/// The one report with this message.
fn the_report(message: &str) -> Report {
    let mut found = reports(message);
    found.retain(|report| report.get("message") == message);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

async fn user(Path(id): Path<String>) -> &'static str {
    panic!("no user {id}")
}

#[tokio::test]
async fn a_route_names_its_requests() {
    listen();
    let app = Router::new()
        .route("/users/{id}", get(user).post(user))
        .layer(GuardLayer::new());
    let server = serve(app).await;
    ask(Version::HTTP_11, server, "/users/route-1?secret=2").await;
    let report = the_report("no user route-1");
    assert_eq!(report.get("request"), "GET /users/{id}");
    assert_eq!(report.get("kind"), "panic");
    assert_eq!(report.get("task"), "");
    assert!(report.get("location").contains("layer.rs"));
}

#[tokio::test]
async fn a_path_names_a_request_without_route() {
    listen();
    // Outside of the router no route is known yet.
    let app = ServiceBuilder::new()
        .layer(GuardLayer::new())
        .service(Router::new().route("/users/{id}", get(user)));
    let server = serve(app).await;
    ask(Version::HTTP_2, server, "/users/path-1?secret=2").await;
    let report = the_report("no user path-1");
    assert_eq!(report.get("request"), "GET /users/path-1");

    let long = format!("/users/{}", "x".repeat(1000));
    ask(Version::HTTP_2, server, &long).await;
    let report = the_report(&format!("no user {}", "x".repeat(1000)));
    assert_eq!(report.get("request"), format!("GET {}", &long[..256]));
}

/// A nested service sees the rest of the path, and may match no route.
#[tokio::test]
async fn a_nested_service_names_a_request_as_the_client_does() {
    listen();
    let guarded = |message| GuardLayer::new().layer(Faulty(Fault::Handler, message));
    let nested = Router::new()
        .fallback_service(guarded("no such user"))
        .route("/{id}", get(user).layer(GuardLayer::new()));
    let app = Router::new()
        .nest_service("/shop", guarded("nested in a router"))
        .nest("/users", nested);
    let server = serve(app).await;
    for (path, message, request) in [
        ("/shop/a/b?c", "nested in a router", "GET /shop/a/b"),
        ("/users/a/b", "no such user", "GET /users/a/b"),
        ("/users/nested-1", "no user nested-1", "GET /users/{id}"),
    ] {
        ask(Version::HTTP_11, server, path).await;
        assert_eq!(the_report(message).get("request"), request);
    }
}

#[tokio::test]
async fn a_task_that_serves_is_told_beside_the_request() {
    #[rejoin::guarded]
    async fn connection() -> Response<GuardBody<String>> {
        let handler = service_fn(|_: Request<()>| async move {
            let answer: Result<Response<String>, PanicError> = Ok(Response::new(String::new()));
            assert!(answer.is_err(), "in a task that serves");
            answer
        });
        let request = Request::delete("/served").body(()).unwrap();
        let service = GuardLayer::new().layer(handler);
        let serving = tokio::spawn(async { service.oneshot(request).await.unwrap() });
        serving.await.unwrap()
    }

    listen();
    assert_eq!(connection().await.status(), 500);
    let report = the_report("in a task that serves");
    assert!(report.get("task").ends_with("connection"), "{report:?}");
    assert_eq!(report.get("request"), "DELETE /served");
}

#[tokio::test]
async fn a_guard_inside_tells_its_own_name_and_the_request() {
    #[rejoin::guarded(on_panic = "unwind")]
    async fn unwinding() -> &'static str {
        tokio::spawn(async { panic!("of a background task") });
        "the task is not the handler's"
    }
    #[rejoin::guarded]
    async fn recovering() -> Result<String, StatusCode> {
        panic!("of a guarded handler")
    }
    #[rejoin::task_group]
    async fn grouping() -> Result<String, StatusCode> {
        tokio::spawn(async { panic!("of a child") });
        pending().await
    }

    listen();
    let app = Router::new()
        .route("/unwinding", get(unwinding))
        .route("/recovering", get(recovering))
        .route("/grouping", get(grouping))
        .layer(GuardLayer::new());
    let server = serve(app).await;
    for version in BOTH {
        let ok = answer(200, "the task is not the handler's");
        assert_eq!(ask(version, server, "/unwinding").await, ok);
        assert_eq!(ask(version, server, "/recovering").await, answer(500, ""));
        assert_eq!(ask(version, server, "/grouping").await, answer(500, ""));
    }
    for (message, task, request) in [
        // It is the root's, and outlives the request.
        ("of a background task", "unwinding", ""),
        ("of a guarded handler", "recovering", "GET /recovering"),
        ("of a child", "grouping", "GET /grouping"),
    ] {
        let of = |report: &Report| report.get("message") == message;
        while reports(message).iter().filter(|report| of(report)).count() < 2 {
            tokio::task::yield_now().await;
        }
        let reports = reports(message);
        let reports: Vec<_> = reports.iter().filter(|report| of(report)).collect();
        assert_eq!(reports.len(), 2, "{message}");
        for report in reports {
            assert!(report.get("task").ends_with(task), "{report:?}");
            assert_eq!(report.get("request"), request);
        }
    }
}

fn problem(_: &PanicError) -> Response<Body> {
    let body = Body::from(r#"{"title":"Internal Server Error"}"#);
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let content_type = "application/problem+json".parse().unwrap();
    response.headers_mut().insert("content-type", content_type);
    response
}

#[tokio::test]
async fn the_answer_can_be_another() {
    let app = Router::new()
        .route("/users/{id}", get(user))
        .layer(GuardLayer::answer(problem));
    let server = serve(app).await;
    for version in BOTH {
        let mut client = Client::connect(version, server).await;
        let response = client.head("/users/7").await.unwrap();
        assert_eq!(response.status(), 500);
        let content_type = &response.headers()["content-type"];
        assert_eq!(content_type, "application/problem+json");
        let close = response.headers().get("connection");
        assert_eq!(close.is_some(), version == Version::HTTP_11);
    }

    // What the answer says of the connection stands, and so does its status.
    let redirect = |panic: &PanicError| {
        assert!(panic.request().is_some());
        ([("connection", "keep-alive")], Redirect::to("/sorry")).into_response()
    };
    let app = Router::new()
        .route("/users/{id}", get(user))
        .layer(GuardLayer::answer(redirect));
    let server = serve(app).await;
    let mut client = Client::connect(Version::HTTP_11, server).await;
    for id in ["/users/7", "/users/8"] {
        assert_eq!(client.get(id).await, answer(303, ""));
    }
}

#[tokio::test]
async fn an_answer_that_panics_is_an_empty_500() {
    listen();
    let answer = |_: &PanicError| -> Response<Body> { panic!("no answer either") };
    let app = Router::new()
        .route("/users/{id}", get(user))
        .layer(GuardLayer::answer(answer));
    let server = serve(app).await;
    let seen = ask(Version::HTTP_11, server, "/users/twice").await;
    let (status, closes, body) = (500, true, String::new());
    assert_eq!(
        seen,
        Seen::Answer {
            status,
            closes,
            body
        }
    );
    assert_eq!(
        the_report("no user twice").get("request"),
        "GET /users/{id}"
    );
    assert_eq!(
        the_report("no answer either").get("request"),
        "GET /users/{id}"
    );
}

#[tokio::test]
async fn the_client_learns_nothing_of_the_panic() {
    let server = serve(GuardLayer::new().layer(Faulty(Fault::Handler, "secret"))).await;
    let mut client = Client::connect(Version::HTTP_11, server).await;
    let response = client.head("/").await.unwrap();
    let headers = format!("{:?}", response.headers());
    assert!(
        !headers.contains("secret") && !headers.contains("panic"),
        "{headers}"
    );
    assert_eq!(response.headers()["content-length"], "0");
    // In the error of a body the panic stays on this side of the wire.
    let service = GuardLayer::new().layer(Faulty(Fault::Body, "secret"));
    let response = service.oneshot(Request::new(())).await.unwrap();
    let mut body = std::pin::pin!(response.into_body());
    let frame = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
    let error = frame.unwrap().unwrap_err();
    let panic = error.downcast_ref::<PanicError>().unwrap();
    assert_eq!(panic.message(), "secret");
    assert!(body.is_end_stream());
}

#[tokio::test]
async fn other_streams_of_a_connection_go_on() {
    let gate = Arc::new(Notify::new());
    let (arrived, mut arrivals) = mpsc::channel(1);
    let wait = async move |State(gate): State<Arc<Notify>>| {
        arrived.send(()).await.unwrap();
        gate.notified().await;
        "waited"
    };
    let faulty = |fault| Faulty(fault, "one stream of many");
    let app = Router::new()
        .route("/wait", get(wait))
        .route_service("/handler", faulty(Fault::Handler))
        .route_service("/half-way", faulty(Fault::HalfWay))
        .layer(GuardLayer::new())
        .with_state(Arc::clone(&gate));
    let server = serve(app).await;
    let mut client = Client::connect(Version::HTTP_2, server).await;
    let mut other = client.stream();
    let waiting = tokio::spawn(async move { other.get("/wait").await });
    arrivals.recv().await.unwrap();

    for _ in 0..3 {
        assert_eq!(client.get("/handler").await, answer(500, ""));
        let (status, body) = (200, "he".to_owned());
        assert_eq!(client.get("/half-way").await, Seen::Broken { status, body });
    }
    gate.notify_one();
    assert_eq!(waiting.await.unwrap(), answer(200, "waited"));
}

/// A connection of HTTP/1.1 that has seen a 500 takes no second request.
#[tokio::test]
async fn a_connection_closes_after_a_panic() {
    let server = serve(GuardLayer::new().layer(Faulty(Fault::Call, "once"))).await;
    let mut client = Client::connect(Version::HTTP_11, server).await;
    let (status, closes, body) = (500, true, String::new());
    assert_eq!(
        client.get("/").await,
        Seen::Answer {
            status,
            closes,
            body
        }
    );
    assert_eq!(client.get("/").await, Seen::Nothing);
}

/// A server would leave it out, so it is looked at before one has it.
#[tokio::test]
async fn a_header_of_connections_is_for_versions_that_have_it() {
    for (version, closes) in [
        (Version::HTTP_10, true),
        (Version::HTTP_11, true),
        (Version::HTTP_2, false),
        (Version::HTTP_3, false),
    ] {
        let service = GuardLayer::new().layer(Faulty(Fault::Handler, "in any version"));
        let request = Request::builder().version(version).body(()).unwrap();
        let response = service.oneshot(request).await.unwrap();
        let headers = response.headers();
        assert_eq!(headers.contains_key("connection"), closes, "{version:?}");
    }
}

#[tokio::test]
async fn two_layers_tell_a_panic_once() {
    listen();
    for (fault, message) in [
        (Fault::Handler, "in two layers"),
        (Fault::HalfWay, "half-way in two layers"),
    ] {
        let inner = GuardLayer::new().layer(Faulty(fault, message));
        let server = serve(GuardLayer::new().layer(inner)).await;
        let seen = ask(Version::HTTP_11, server, "/").await;
        assert_eq!(matches!(seen, Seen::Broken { .. }), fault == Fault::HalfWay);
        assert_eq!(the_report(message).get("request"), "GET /");
    }
}

#[tokio::test]
async fn a_panic_of_poll_ready_is_answered_once() {
    let mut service = GuardLayer::new().layer(Faulty(Fault::Readiness, "not ready"));
    let copy = service.clone();
    ServiceExt::<Request<()>>::ready(&mut service)
        .await
        .unwrap();
    // Ready is ready, however often one asks.
    ServiceExt::<Request<()>>::ready(&mut service)
        .await
        .unwrap();
    assert_eq!(service.call(Request::new(())).await.unwrap().status(), 500);
    // Each request asks anew, and so does a clone that was made before.
    ServiceExt::<Request<()>>::ready(&mut service)
        .await
        .unwrap();
    assert_eq!(service.call(Request::new(())).await.unwrap().status(), 500);
    assert_eq!(copy.oneshot(Request::new(())).await.unwrap().status(), 500);
}

#[tokio::test]
async fn errors_of_the_service_pass() {
    let failing = service_fn(|_: Request<()>| ready(Err::<Response<String>, _>("no luck")));
    let service = GuardLayer::new().layer(failing);
    let error = service.oneshot(Request::new(())).await.unwrap_err();
    assert_eq!(error, "no luck");
}

#[tokio::test]
async fn a_deliberate_abort_passes_unreported() {
    listen();
    let app = Router::new()
        .route("/well", get(|| async { "well" }))
        .route_service("/aborted", Faulty(Fault::Abort, ""))
        .route_service("/aborted-half-way", Faulty(Fault::AbortHalfWay, ""))
        .layer(GuardLayer::new());
    let server = serve(app).await;
    for version in BOTH {
        let mut client = Client::connect(version, server).await;
        assert_eq!(client.get("/well").await, answer(200, "well"));
        assert_eq!(client.get("/aborted").await, Seen::Nothing);
        // Over HTTP/1.1 the connection is gone, over HTTP/2 the stream alone.
        let again = client.get("/well").await;
        assert_eq!(again == answer(200, "well"), version == Version::HTTP_2);
        let (status, body) = (200, "he".to_owned());
        let seen = ask(version, server, "/aborted-half-way").await;
        assert_eq!(seen, Seen::Broken { status, body });
    }
    assert_eq!(reports("/aborted").len(), 0);
}

/// Layers around it may need a body to make of nothing.
#[tokio::test]
async fn a_body_of_nothing_is_an_empty_one() {
    let body = GuardBody::<Body>::default();
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
}
