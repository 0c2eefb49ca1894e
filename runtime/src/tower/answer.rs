//! What a client is told about a panic.

use http::header::{CONNECTION, HeaderValue};
use http::{Response, StatusCode};

use super::asked::Asked;
use super::grpc;
use crate::panic::PanicError;

/// What a client is told when the handler of its request has panicked.
///
/// Every closure from a [`&PanicError`](PanicError) to a response is one. Implement it where the type of the layer has to
/// have a name.
///
/// # Example
///
/// ```
/// use http::{Response, StatusCode};
/// use rejoin::PanicError;
/// use rejoin::tower::{Answer, GuardLayer};
///
/// #[derive(Clone)]
/// struct Apology;
///
/// impl<B: From<&'static str>> Answer<B> for Apology {
///     fn answer(&self, _: &PanicError) -> Response<Option<B>> {
///         let mut response = Response::new(Some("Sorry.".into()));
///         *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
///         response
///     }
/// }
///
/// let layer: GuardLayer<Apology> = GuardLayer::answering(Apology);
/// ```
pub trait Answer<B> {
    /// The response; `None` is an empty body.
    ///
    /// A panic in here is contained and reported like any other; the client gets the answer of [`InternalServerError`].
    fn answer(&self, panic: &PanicError) -> Response<Option<B>>;
}

impl<F, B> Answer<B> for F
where
    F: Fn(&PanicError) -> Response<B>,
{
    fn answer(&self, panic: &PanicError) -> Response<Option<B>> {
        self(panic).map(Some)
    }
}

/// The default answer: the status `500 Internal Server Error`, an empty body, and not a word about the panic.
///
/// # Example
///
/// ```
/// use rejoin::tower::{GuardLayer, InternalServerError};
///
/// struct Layers {
///     outermost: GuardLayer<InternalServerError>,
/// }
///
/// let layers = Layers { outermost: GuardLayer::new() };
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct InternalServerError;

impl<B> Answer<B> for InternalServerError {
    fn answer(&self, _: &PanicError) -> Response<Option<B>> {
        let mut response = Response::new(None);
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

/// The response to a request whose handler has panicked.
pub(super) fn answer<B>(
    by: &impl Answer<B>,
    asked: &Asked,
    panic: &PanicError,
) -> Response<Option<B>> {
    if let Some(dialect) = asked.grpc() {
        return grpc::failed(dialect, None);
    }
    let mut response = asked
        .run(|| by.answer(panic))
        .unwrap_or_else(|own| InternalServerError.answer(&own));
    if asked.closes() {
        // Nobody knows what the handler has left unread.
        let close = HeaderValue::from_static("close");
        response.headers_mut().entry(CONNECTION).or_insert(close);
    }
    response
}
