//! Failures of ours as responses: for handlers whose error type is a response, or that return one of them as it is.

use http::{Response, StatusCode};

use crate::cause::{Cancelled, DeadlineExceeded};
use crate::panic::{FromPanic, PanicError};

fn empty<B: Default>(status: StatusCode) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = status;
    response
}

/// `500 Internal Server Error`, as [`FromPanic`] makes it.
///
/// ```
/// use http::{Response, StatusCode};
///
/// let panic = rejoin::catch_sync(|| panic!("out of paper")).unwrap_err();
/// let response = Response::<String>::from(panic);
/// assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
/// assert_eq!(response.body(), "");
/// ```
impl<B: Default> From<PanicError> for Response<B> {
    fn from(panic: PanicError) -> Self {
        Self::from_panic(panic)
    }
}

/// `503 Service Unavailable`, or `504 Gateway Timeout` where a deadline was the cause, with an empty body.
impl<B: Default> From<Cancelled> for Response<B> {
    fn from(cancelled: Cancelled) -> Self {
        empty(cancelled.into())
    }
}

/// `504 Gateway Timeout` with an empty body.
impl<B: Default> From<DeadlineExceeded> for Response<B> {
    fn from(exceeded: DeadlineExceeded) -> Self {
        empty(exceeded.into())
    }
}

#[cfg(feature = "axum")]
mod axum {
    use axum_core::response::{IntoResponse, Response};

    use super::{Cancelled, DeadlineExceeded, PanicError};

    /// `500 Internal Server Error`, as [`FromPanic`](crate::FromPanic) makes it.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use rejoin::PanicError;
    ///
    /// #[rejoin::guarded]
    /// async fn price() -> Result<String, PanicError> {
    ///     Ok(format!("{} €", 7))
    /// }
    ///
    /// let app: Router = Router::new().route("/price", get(price));
    /// ```
    impl IntoResponse for PanicError {
        fn into_response(self) -> Response {
            self.into()
        }
    }

    /// `503 Service Unavailable`, or `504 Gateway Timeout` where a deadline was the cause.
    impl IntoResponse for Cancelled {
        fn into_response(self) -> Response {
            self.into()
        }
    }

    /// `504 Gateway Timeout`.
    impl IntoResponse for DeadlineExceeded {
        fn into_response(self) -> Response {
            self.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CancelCause;

    #[test]
    fn a_cancellation_says_whether_it_was_late() {
        let of = |cause| Response::<()>::from(Cancelled::new(cause)).status();
        assert_eq!(of(CancelCause::Shutdown), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(of(CancelCause::Deadline), StatusCode::GATEWAY_TIMEOUT);
        let late = DeadlineExceeded::new(std::time::Duration::from_secs(1));
        let late = Response::<()>::from(late);
        assert_eq!(late.status(), StatusCode::GATEWAY_TIMEOUT);
        assert!(late.headers().is_empty(), "the connection is sound");
    }
}
