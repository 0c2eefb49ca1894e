//! What a caught panic becomes: return values and errors of others.

use std::io;

use super::error::PanicError;

/// Return types that can stand for a panic: what a function annotated with `#[guarded]` returns
/// after one.
///
/// It is implemented for `()`, for every `Result<T, E>` whose error type has a `From<PanicError>`
/// (`Box<dyn Error + Send + Sync>`, `anyhow::Error` and [`std::io::Error`] do), and with the
/// feature `http` for `http::StatusCode` and `http::Response`, which become a 500.
///
/// Not for `Option`: there `None` says that something is absent, which a panic does not. And not
/// for numbers, strings or collections: an empty one would look like an answer.
///
/// Implement it for a return type of your own:
///
/// ```
/// use rejoin::{FromPanic, PanicError};
///
/// enum Reply {
///     Text(String),
///     Failed,
/// }
///
/// impl FromPanic for Reply {
///     fn from_panic(_: PanicError) -> Self {
///         Reply::Failed
///     }
/// }
///
/// let reply = rejoin::catch_sync(|| Reply::Text("x".repeat(3))).unwrap_or_else(Reply::from_panic);
/// assert!(matches!(reply, Reply::Text(_)));
/// ```
#[diagnostic::on_unimplemented(
    message = "after a panic there would be no `{Self}` to return",
    label = "a panic cannot become this type",
    note = "return a `Result<_, E>` where `E: From<rejoin::PanicError>`; `Box<dyn Error + Send + Sync>`, `anyhow::Error` and `std::io::Error` have that",
    note = "or say what to return: `#[guarded(or = value)]` or `#[guarded(or = |panic| …)]`",
    note = "or let the panic go on: `#[guarded(on_panic = \"unwind\")]`",
    note = "or implement `rejoin::FromPanic` for a type of your own",
    note = "a handler that returns `Json` or `String` can return `impl IntoResponse` (feature `axum`), or be left to the layer `rejoin::tower::GuardLayer` (feature `tower`)"
)]
pub trait FromPanic: Sized {
    /// What the function returns after this panic, which has been reported already.
    fn from_panic(panic: PanicError) -> Self;
}

impl FromPanic for () {
    fn from_panic(_: PanicError) -> Self {}
}

// The trait's own message says more than "`E: From<PanicError>` is not satisfied".
#[diagnostic::do_not_recommend]
impl<T, E: From<PanicError>> FromPanic for Result<T, E> {
    fn from_panic(panic: PanicError) -> Self {
        Err(E::from(panic))
    }
}

/// The kind is [`Other`](io::ErrorKind::Other); [`get_ref`](io::Error::get_ref) gives the
/// `PanicError` back.
impl From<PanicError> for io::Error {
    fn from(panic: PanicError) -> Self {
        io::Error::other(panic)
    }
}

#[cfg(feature = "http")]
mod http {
    use ::http::header::{CONNECTION, HeaderValue};
    use ::http::{Response, StatusCode};

    use super::{FromPanic, PanicError};

    /// `500 Internal Server Error`.
    impl From<PanicError> for StatusCode {
        fn from(_: PanicError) -> Self {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }

    /// `500 Internal Server Error`.
    impl FromPanic for StatusCode {
        fn from_panic(panic: PanicError) -> Self {
            panic.into()
        }
    }

    /// `500 Internal Server Error` with an empty body and, since the state of the connection's
    /// handler is unknown, `connection: close`. (HTTP/2 has no such header; servers leave it out
    /// there, and only the stream ends.) The client learns nothing of what went wrong.
    #[diagnostic::do_not_recommend]
    impl<B: Default> FromPanic for Response<B> {
        fn from_panic(panic: PanicError) -> Self {
            let mut response = Response::new(B::default());
            *response.status_mut() = panic.into();
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

/// `Internal`, with a neutral message for the client; the panic is its
/// [`source`](std::error::Error::source), which stays on the server.
#[cfg(feature = "tonic")]
impl From<PanicError> for tonic::Status {
    fn from(panic: PanicError) -> Self {
        let mut status = tonic::Status::internal("internal error");
        status.set_source(std::sync::Arc::new(panic));
        status
    }
}
