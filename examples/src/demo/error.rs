//! What a handler of the shop fails with.

use super::shop::FetchError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rejoin::{FromPanic, PanicError};
use std::fmt;
use tokio::task::JoinError;

/// Why there is no page.
#[derive(Debug)]
pub enum AppError {
    /// A source failed.
    Source(FetchError),
    /// A task that was waited for has no result.
    Task(JoinError),
    /// A handler or one of its tasks panicked.
    Panic(PanicError),
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Task(error) => error.fmt(f),
            Self::Panic(panic) => panic.fmt(f),
        }
    }
}

impl std::error::Error for AppError {}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::Source(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
            Self::Task(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Panic(panic) => Response::from_panic(panic),
        }
    }
}

impl From<FetchError> for AppError {
    fn from(error: FetchError) -> Self {
        Self::Source(error)
    }
}

impl From<JoinError> for AppError {
    fn from(error: JoinError) -> Self {
        Self::Task(error)
    }
}

/// All that `#[guarded]` and `#[task_group]` ask of an error type.
impl From<PanicError> for AppError {
    fn from(panic: PanicError) -> Self {
        Self::Panic(panic)
    }
}
