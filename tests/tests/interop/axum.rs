//! `axum::debug_handler` and the handlers themselves: they stay handlers, in either order.

use super::is_tracked;
use axum::body::{Body, to_bytes};
use axum::debug_handler;
use axum::extract::{Path, Query, Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Notify;

#[derive(Clone, Default)]
struct App(Arc<Notify>);

/// A user's error that is a response.
struct Oops(StatusCode, String);

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<rejoin::PanicError> for Oops {
    fn from(panic: rejoin::PanicError) -> Self {
        Self(
            StatusCode::INTERNAL_SERVER_ERROR,
            panic.message().to_string(),
        )
    }
}

#[debug_handler(state = App)]
#[rejoin::guarded]
async fn debug_above(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<String, Oops> {
    tokio::spawn(async move { app.0.notified().await });
    assert!(!query.contains_key("panic"), "asked to");
    Ok("above".to_owned())
}

#[rejoin::guarded]
#[debug_handler(state = App)]
async fn debug_below(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<String, Oops> {
    tokio::spawn(async move { app.0.notified().await });
    assert!(!query.contains_key("panic"), "asked to");
    Ok("below".to_owned())
}

#[debug_handler]
#[rejoin::task_group]
async fn group_below(request: Request) -> Result<String, Oops> {
    tokio::spawn(std::future::ready(()));
    assert!(request.uri().query().is_none(), "asked to");
    let body = tokio::spawn(async {
        to_bytes(request.into_body(), 64)
            .await
            .map_or(0, |body| body.len())
    });
    Ok(format!("{}", body.await.unwrap_or(9)))
}

#[rejoin::task_group]
#[debug_handler]
async fn group_above(request: Request) -> Result<String, Oops> {
    tokio::spawn(std::future::ready(()));
    assert!(request.uri().query().is_none(), "asked to");
    Ok("group".to_owned())
}

#[rejoin::guarded]
#[debug_handler]
async fn opaque(request: Request) -> impl IntoResponse {
    assert!(request.uri().query().is_none(), "asked to");
    (StatusCode::CREATED, "opaque")
}

#[debug_handler]
#[rejoin::guarded]
async fn response(request: Request) -> Response {
    assert!(request.uri().query().is_none(), "asked to");
    "response".into_response()
}

#[rejoin::guarded]
async fn status(request: Request) -> Result<StatusCode, StatusCode> {
    assert!(request.uri().query().is_none(), "asked to");
    Ok(StatusCode::ACCEPTED)
}

async fn ask<T, H: Handler<T, App>>(handler: H, uri: &str) -> (StatusCode, String) {
    let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
    let response = handler.call(request, App::default()).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), 1024).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn handlers_answer() {
    assert_eq!(
        ask(debug_above, "/").await,
        (StatusCode::OK, "above".to_owned())
    );
    assert_eq!(
        ask(debug_below, "/").await,
        (StatusCode::OK, "below".to_owned())
    );
    assert_eq!(
        ask(group_below, "/").await,
        (StatusCode::OK, "0".to_owned())
    );
    assert_eq!(
        ask(group_above, "/").await,
        (StatusCode::OK, "group".to_owned())
    );
    assert_eq!(
        ask(opaque, "/").await,
        (StatusCode::CREATED, "opaque".to_owned())
    );
    assert_eq!(
        ask(response, "/").await,
        (StatusCode::OK, "response".to_owned())
    );
    assert_eq!(ask(status, "/").await.0, StatusCode::ACCEPTED);
    assert!(is_tracked("debug_above") && is_tracked("debug_below"));
}

#[tokio::test]
async fn handlers_that_panic_answer_500() {
    let failed = (StatusCode::INTERNAL_SERVER_ERROR, "asked to".to_owned());
    assert_eq!(ask(debug_above, "/?panic=1").await, failed);
    assert_eq!(ask(debug_below, "/?panic=1").await, failed);
    assert_eq!(ask(group_below, "/?panic=1").await, failed);
    assert_eq!(ask(group_above, "/?panic=1").await, failed);
    assert_eq!(
        ask(opaque, "/?panic=1").await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(
        ask(response, "/?panic=1").await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(
        ask(status, "/?panic=1").await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
}

/// The futures stay `Send`, and the functions stay what a router takes.
#[test]
fn a_router_takes_them() {
    #[rejoin::task_group]
    async fn by_path(
        Path((a, b)): Path<(u8, String)>,
        State(_): State<App>,
    ) -> Result<impl IntoResponse, Oops> {
        let handle = tokio::spawn(async move { u32::from(a) });
        Ok(format!("{}{b}", handle.await.unwrap_or_default()))
    }

    let _: axum::Router<()> = axum::Router::new()
        .route("/above", get(debug_above).post(debug_below))
        .route("/group", get(group_above).put(group_below))
        .route("/opaque", get(opaque).patch(response).delete(status))
        .route("/{a}/{b}", get(by_path))
        .with_state(App::default());
}

/// A hidden response of a group, and of a future that a plain function returns.
mod hidden {
    use super::*;
    use std::future::Future;

    #[rejoin::task_group(on_panic = "recover")]
    pub(super) async fn grouped(Path(id): Path<u32>) -> impl IntoResponse {
        tokio::spawn(async {});
        if id == 0 {
            return Err(StatusCode::NOT_FOUND);
        }
        assert!(id < 9, "too large");
        Ok(format!("item {id}"))
    }

    #[rejoin::task_group(on_panic = "recover")]
    pub(super) async fn in_a_task(Path(id): Path<u32>) -> impl IntoResponse {
        tokio::spawn(async move { assert!(id < 9, "too large") });
        id.to_string()
    }

    #[rejoin::guarded]
    pub(super) fn returned(Path(id): Path<u32>) -> impl Future<Output = impl IntoResponse> + Send {
        assert!(id != 9, "in the call");
        async move {
            if id == 0 {
                return Err(StatusCode::NOT_FOUND);
            }
            assert!(id < 9, "in the future");
            Ok(format!("item {id}"))
        }
    }

    #[rejoin::guarded(or = (StatusCode::BAD_GATEWAY, "no"))]
    pub(super) fn returned_or(
        Path(id): Path<u32>,
    ) -> impl Future<Output = impl IntoResponse> + Send {
        async move {
            assert!(id < 9, "in the future");
            "yes"
        }
    }
}

#[tokio::test]
async fn a_hidden_response_holds_the_panic_of_a_group_and_of_a_returned_future() {
    let status = async |path: &str| {
        let router = axum::Router::new()
            .route("/grouped/{id}", get(hidden::grouped))
            .route("/in_a_task/{id}", get(hidden::in_a_task))
            .route("/returned/{id}", get(hidden::returned))
            .route("/returned_or/{id}", get(hidden::returned_or));
        let request = Request::get(path).body(Body::empty()).unwrap();
        tower::ServiceExt::oneshot(router, request)
            .await
            .unwrap()
            .status()
    };
    for path in [
        "/grouped/1",
        "/in_a_task/1",
        "/returned/1",
        "/returned_or/1",
    ] {
        assert_eq!(status(path).await, StatusCode::OK, "{path}");
    }
    for path in ["/grouped/9", "/in_a_task/9", "/returned/9", "/returned/10"] {
        assert_eq!(
            status(path).await,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{path}"
        );
    }
    assert_eq!(status("/grouped/0").await, StatusCode::NOT_FOUND);
    assert_eq!(status("/returned/0").await, StatusCode::NOT_FOUND);
    assert_eq!(status("/returned_or/9").await, StatusCode::BAD_GATEWAY);
}
