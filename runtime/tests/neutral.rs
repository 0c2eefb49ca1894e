//! What a client is sent of a failure: neither words nor a place in the source nor the name of a task.
#![cfg(all(feature = "http", feature = "axum", feature = "tonic"))]

mod common;

use std::error::Error as _;
use std::fmt::Debug;
use std::panic::Location;
use std::time::Duration;

use axum_core::response::IntoResponse;
use common::spawn;
use http::{Response, StatusCode};
use rejoin::{CancelCause, Cancelled, DeadlineExceeded, FromPanic, PanicError};
use tonic::Status;

/// What a client must not see.
const SECRETS: [&str; 4] = ["the password is 7", file!(), "the secret task", ".rs"];

/// A panic of a named task, whose place and message are known.
async fn panic() -> PanicError {
    let task = spawn!("the secret task", async {
        panic!("the password is 7");
    });
    let error: tokio::task::JoinError = task.await.map(|(): ()| ()).unwrap_err();
    let panic = PanicError::from_join_error(error).unwrap();
    let shown = panic.to_string();
    assert!(
        SECRETS.iter().all(|secret| shown.contains(secret)),
        "{shown}"
    );
    panic
}

/// A cancellation by a failure whose place is known.
fn cancelled() -> Cancelled {
    let cancelled = Cancelled::new(CancelCause::Failure {
        task: "the secret task",
        spawned_at: Location::caller(),
    });
    let shown = cancelled.to_string();
    assert!(
        SECRETS[1..].iter().all(|secret| shown.contains(secret)),
        "{shown}"
    );
    cancelled
}

/// A response with its headers and its body, but without what stays on the server.
async fn sent(response: Response<axum::body::Body>) -> (StatusCode, String) {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (parts.status, format!("{:?} {text}", parts.headers))
}

#[track_caller]
fn is_neutral(sent: impl Debug) {
    let sent = format!("{sent:?}");
    for secret in SECRETS {
        assert!(!sent.contains(secret), "{sent:?} has {secret:?}");
    }
}

#[tokio::test]
async fn a_response_has_nothing_of_its_cause() {
    let late = || DeadlineExceeded::new(Duration::from_secs(7));
    for (response, status) in [
        (Response::<String>::from(panic().await), 500),
        (Response::<String>::from_panic(panic().await), 500),
        (Response::<String>::from(cancelled()), 503),
        (Response::<String>::from(late()), 504),
    ] {
        assert_eq!(response.status(), status);
        assert_eq!(response.body(), "");
        assert!(response.extensions().is_empty());
        is_neutral(response);
    }
}

#[tokio::test]
async fn a_response_of_axum_has_nothing_of_its_cause() {
    type Axum = axum_core::response::Response;
    let late = || DeadlineExceeded::new(Duration::from_secs(7));
    for (response, status) in [
        (panic().await.into_response(), 500),
        (Axum::from_panic(panic().await), 500),
        (Err::<(), _>(panic().await).into_response(), 500),
        (cancelled().into_response(), 503),
        (late().into_response(), 504),
    ] {
        assert!(response.extensions().is_empty());
        let sent = sent(response).await;
        assert_eq!(sent.0, status);
        assert!(sent.1.ends_with(' '), "a body: {sent:?}");
        is_neutral(sent);
    }
}

#[tokio::test]
async fn a_grpc_status_keeps_its_cause_on_the_server() {
    let late = || DeadlineExceeded::new(Duration::from_secs(7));
    for status in [
        Status::from(panic().await),
        Status::from(cancelled()),
        Status::from(late()),
    ] {
        assert!(status.source().is_some(), "for the server's own log");
        assert_eq!(status.details(), b"");
        assert!(status.metadata().is_empty());
        is_neutral((status.code(), status.message()));
        // What goes over the wire.
        is_neutral(status.into_http::<String>().headers());
    }
}
