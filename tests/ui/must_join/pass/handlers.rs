//! Handlers of a web service.
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

#[derive(Clone, Default)]
struct App {
    jobs: Arc<Mutex<Vec<JoinHandle<u64>>>>,
}

async fn load(id: u64) -> Option<u64> {
    (id != 0).then_some(id)
}

/// Two sources at once.
#[rejoin::must_join]
async fn profile(Path(id): Path<u64>) -> Result<Json<u64>, StatusCode> {
    let user = tokio::spawn(load(id));
    let orders = tokio::spawn(load(id + 1));
    let (user, orders) = tokio::join!(user, orders);
    let user = user.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let orders = orders.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    match (user, orders) {
        (Some(user), Some(orders)) => Ok(Json(user + orders)),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

/// What can be refused is refused before anything is started.
#[rejoin::must_join]
async fn report(Path(id): Path<u64>) -> Response {
    if id == 0 {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Some(found) = load(id).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match tokio::task::spawn_blocking(move || found * 2).await {
        Ok(report) => Json(report).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A job that outlives its request is put where the shutdown finds it.
#[rejoin::must_join]
async fn enqueue(State(app): State<App>, Path(id): Path<u64>) -> StatusCode {
    let mut jobs = app.jobs.lock().await;
    jobs.retain(|job| !job.is_finished());
    jobs.push(tokio::spawn(async move { id }));
    StatusCode::ACCEPTED
}

/// Or is let go on purpose, with the reason beside it.
#[rejoin::must_join]
async fn sign_up(Path(id): Path<u64>) -> StatusCode {
    let mail = tokio::spawn(load(id));
    rejoin::detach(mail, "the mail is sent behind the answer");
    StatusCode::CREATED
}

/// Beside the guard that turns a panic into an answer.
#[rejoin::guarded]
#[rejoin::must_join]
async fn guarded(Path(id): Path<u64>) -> StatusCode {
    match tokio::spawn(load(id)).await {
        Ok(Some(_)) => StatusCode::OK,
        Ok(None) => StatusCode::NOT_FOUND,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[tokio::test]
async fn handlers_answer() {
    assert_eq!(profile(Path(1)).await.unwrap().0, 3);
    assert_eq!(report(Path(0)).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(report(Path(1)).await.status(), StatusCode::OK);
    let app = App::default();
    assert_eq!(
        enqueue(State(app.clone()), Path(1)).await,
        StatusCode::ACCEPTED
    );
    for job in app.jobs.lock().await.drain(..) {
        assert_eq!(job.await.unwrap(), 1);
    }
    assert_eq!(sign_up(Path(1)).await, StatusCode::CREATED);
    assert_eq!(guarded(Path(0)).await, StatusCode::NOT_FOUND);
}
