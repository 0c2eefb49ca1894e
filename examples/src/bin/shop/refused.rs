//! Why the shop refuses, and how it says so over HTTP and over gRPC.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rejoin::{DeadlineExceeded, PanicError};
use serde_json::json;
use tokio::sync::mpsc::error::SendError;
use tokio::task::JoinError;
use tokio_util::codec::LinesCodecError;
use tonic::{Code, Status};

pub(crate) enum Refused {
    Unknown(String),
    SoldOut(&'static str),
    Unreadable(String),
    /// The deadline of a task group.
    Late,
    /// There is no worker for mails any more, or a task was cancelled.
    Closing,
    /// A panic, here or in a task; it was reported where it happened, and is none of the customer's business.
    Broken,
}

impl Refused {
    fn tell(self) -> (StatusCode, Code, String) {
        match self {
            Self::Unknown(item) => {
                let title = format!("there is no {item:?}");
                (StatusCode::NOT_FOUND, Code::NotFound, title)
            }
            Self::SoldOut(item) => {
                let title = format!("{item} is sold out");
                (StatusCode::CONFLICT, Code::ResourceExhausted, title)
            }
            Self::Unreadable(why) => (StatusCode::BAD_REQUEST, Code::InvalidArgument, why),
            Self::Late => {
                let title = "it takes too long".to_owned();
                (StatusCode::GATEWAY_TIMEOUT, Code::DeadlineExceeded, title)
            }
            Self::Closing => {
                let title = "the shop is closing".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, title)
            }
            Self::Broken => {
                let title = "internal error".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, title)
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, _, title) = self.tell();
        problem(status, &title)
    }
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        let (_, code, title) = refused.tell();
        Self::new(code, title)
    }
}

/// Problem details, as in RFC 9457.
pub(crate) fn problem(status: StatusCode, title: &str) -> Response {
    let body = Json(json!({ "title": title, "status": status.as_u16() }));
    let mut response = (status, body).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// What `#[guarded]` and `#[task_group]` ask of an error type.
impl From<PanicError> for Refused {
    fn from(_: PanicError) -> Self {
        Self::Broken
    }
}

/// What a `deadline` asks of it.
impl From<DeadlineExceeded> for Refused {
    fn from(_: DeadlineExceeded) -> Self {
        Self::Late
    }
}

/// Of a task that somebody waits for: it has panicked, or was cancelled.
impl From<JoinError> for Refused {
    fn from(error: JoinError) -> Self {
        if error.is_panic() {
            Self::Broken
        } else {
            Self::Closing
        }
    }
}

impl From<SendError<()>> for Refused {
    fn from(_: SendError<()>) -> Self {
        Self::Closing
    }
}

impl From<LinesCodecError> for Refused {
    fn from(error: LinesCodecError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
