//! Ours beside tower-http's `CatchPanicLayer`, case by case. The page of the module shows what is seen here.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::task::Poll;

use axum::body::Body;
use hyper::{Request, Response, Version};
use rejoin::PanicError;
use rejoin::tower::GuardLayer;
use tower::{Layer, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;

use crate::common::{Report, listen, reports};
use crate::faulty::{Fault, Faulty, Streamed};
use crate::wire::{Seen, get, serve};

const PAGE: &str = include_str!("../../../runtime/src/tower/mod.rs");

/// The page shows this row.
fn documented(row: &str) {
    assert!(PAGE.contains(&format!("//! {row}\n")), "{row}");
}

/// What was reported of a fault.
fn reported(message: &str) -> Vec<Report> {
    let mut reports = reports(message);
    reports.retain(|report| report.get("message") == message);
    reports
}

/// What the client sees over either version of HTTP.
fn cell(one: &Seen, two: &Seen) -> String {
    let closes = |seen: &Seen| matches!(seen, Seen::Answer { closes: true, .. });
    assert!(!closes(two), "HTTP/2 has no such header");
    let close = if closes(one) { ", closes" } else { "" };
    if one.to_string() == two.to_string() {
        format!("{one}{close}")
    } else {
        format!("{one}{close}; HTTP/2: {two}")
    }
}

/// Asks both services by both versions, and compares what the client sees with the page.
macro_rules! compare {
    ($place:expr, $ours:expr, $theirs:expr) => {{
        let (ours, theirs) = (serve($ours).await, serve($theirs).await);
        let mut cells = Vec::new();
        for server in [theirs, ours] {
            let one = get(Version::HTTP_11, server, "/faulty").await;
            let two = get(Version::HTTP_2, server, "/faulty").await;
            cells.push(cell(&one, &two));
        }
        documented(&format!("| {} | {} | {} |", $place, cells[0], cells[1]));
    }};
}

async fn row(place: &str, fault: Fault, message: &'static str, times: usize) {
    listen();
    compare!(
        place,
        GuardLayer::new().layer(Faulty(fault, message)),
        CatchPanicLayer::new().layer(Faulty(fault, "theirs"))
    );
    // The last is made when the server drops the body, which its client has read by then.
    while reported(message).len() < 2 * times {
        tokio::task::yield_now().await;
    }
    assert_eq!(reported(message).len(), 2 * times, "{fault:?}");
    for report in reported(message) {
        assert_eq!(report.get("kind"), "panic", "{report:?}");
        let known = match fault {
            // The task itself has told it.
            Fault::Child => report.get("task").ends_with("group"),
            Fault::Readiness => report.get("task") == "poll_ready",
            _ => report.get("request") == "GET /faulty",
        };
        assert!(known, "{report:?}");
    }
}

macro_rules! rows {
    ($($name:ident: $place:literal, $fault:ident, $times:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                row($place, Fault::$fault, concat!("the fault of ", stringify!($name)), $times).await;
            }
        )*
    };
}

rows! {
    nowhere: "nowhere", None, 0;
    readiness: "`poll_ready`", Readiness, 1;
    call: "`call`", Call, 1;
    handler: "the handler", Handler, 1;
    child: "a task of the handler's `#[task_group]`", Child, 1;
    twice: "the handler, then its destructor", Twice, 2;
    frame: "the body, at its first frame", Body, 1;
    half_way: "the body, half-way", HalfWay, 1;
    body_drop: "the body's destructor", BodyDrop, 1;
}

/// The panic of that destructor is not in a frame of ours: it comes when all has been done.
#[tokio::test]
async fn payload() {
    listen();
    let message = "the fault of payload";
    compare!(
        "the handler, with a payload whose destructor panics",
        GuardLayer::new().layer(Faulty(Fault::Payload, message)),
        CatchPanicLayer::new().layer(Faulty(Fault::Payload, "theirs"))
    );
}

/// The marker of an end that was meant passes.
#[tokio::test]
async fn abort() {
    listen();
    for (place, fault) in [
        ("the handler, on purpose (`abort_handler`)", Fault::Abort),
        ("the body, half-way, on purpose", Fault::AbortHalfWay),
    ] {
        compare!(
            place,
            GuardLayer::new().layer(Faulty(fault, "")),
            CatchPanicLayer::new().layer(Faulty(fault, ""))
        );
    }
}

/// A body that is asked for its size or its end, more than once, panics each time.
#[tokio::test]
async fn questions() {
    listen();
    for (place, fault, message) in [
        (
            "the body's `size_hint`",
            Fault::SizeHint,
            "the fault of size",
        ),
        (
            "the body's `is_end_stream`",
            Fault::EndOfStream,
            "the fault of end",
        ),
    ] {
        compare!(
            place,
            GuardLayer::new().layer(Faulty(fault, message)),
            CatchPanicLayer::new().layer(Faulty(fault, "theirs"))
        );
        assert!(reported(message).len() > 1);
        for report in reported(message) {
            assert_eq!(report.get("request"), "GET /faulty");
        }
    }
}

#[tokio::test]
async fn custom_answer() {
    let (fault, message) = (Fault::Handler, "the fault of the handler before its answer");
    compare!(
        "the custom answer",
        GuardLayer::answer(|_: &PanicError| -> Response<Streamed> { panic_any("no answer") })
            .layer(Faulty(fault, message)),
        CatchPanicLayer::custom(|_| -> Response<Body> { panic_any("no answer") })
            .layer(Faulty(fault, "theirs"))
    );
}

/// Polls a request until it waits, and drops it; says whether a panic gets out of that.
macro_rules! drop_request {
    ($service:expr) => {{
        let request = Request::get("/faulty").body(()).unwrap();
        let mut serving = Box::pin($service.oneshot(request));
        poll_fn(|cx| {
            assert!(serving.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        match catch_unwind(AssertUnwindSafe(|| drop(serving))) {
            Ok(()) => "contained",
            Err(_) => "unwinds through the server",
        }
    }};
}

#[tokio::test]
async fn handler_drop() {
    listen();
    let message = "the fault of handler_drop";
    let theirs = CatchPanicLayer::new().layer(Faulty(Fault::HandlerDrop, "theirs"));
    let theirs = drop_request!(theirs);
    let ours = drop_request!(GuardLayer::new().layer(Faulty(Fault::HandlerDrop, message)));
    documented(&format!(
        "| the handler's destructor, when the client has hung up | {theirs} | {ours} |"
    ));
    assert_eq!(reported(message).len(), 1);
    assert_eq!(reported(message)[0].get("request"), "GET /faulty");
}
