//! As much of gRPC as it takes to say that a call has failed.
//!
//! A gRPC status travels in the trailers of a response whose HTTP status is 200; where no body goes before them, in its
//! headers ("Trailers-Only" in the protocol).

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{HeaderName, Response};

/// `INTERNAL`
const STATUS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("grpc-status"),
    HeaderValue::from_static("13"),
);

/// The same as in the `Status` that a `PanicError` converts to.
const MESSAGE: (HeaderName, HeaderValue) = (
    HeaderName::from_static("grpc-message"),
    HeaderValue::from_static("internal error"),
);

/// The content type to answer one of gRPC's with; `None` for every other.
pub(super) fn dialect(content_type: &HeaderValue) -> Option<&'static str> {
    let rest = content_type.as_bytes().strip_prefix(b"application/grpc")?;
    if rest.starts_with(b"-web-text") {
        Some("application/grpc-web-text+proto")
    } else if rest.starts_with(b"-web") {
        Some("application/grpc-web+proto")
    } else if matches!(rest.first(), None | Some(b'+' | b';' | b' ')) {
        Some("application/grpc")
    } else {
        None
    }
}

/// Whether a response ends with trailers. Not gRPC-Web: what it has of them is part of its body.
pub(super) fn has_trailers<B>(response: &Response<B>) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE);
    content_type.and_then(dialect) == Some("application/grpc")
}

/// The response to a call that has failed before it was answered.
pub(super) fn failed<B>(dialect: &'static str, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.headers_mut() = trailers();
    let content_type = HeaderValue::from_static(dialect);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The end of a response that has begun.
pub(super) fn trailers() -> HeaderMap {
    HeaderMap::from_iter([STATUS, MESSAGE])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_told_apart() {
        let dialect = |text| dialect(&HeaderValue::from_static(text));
        assert_eq!(dialect("application/grpc"), Some("application/grpc"));
        assert_eq!(dialect("application/grpc+proto"), Some("application/grpc"));
        assert_eq!(
            dialect("application/grpc;charset=utf-8"),
            Some("application/grpc")
        );
        assert_eq!(
            dialect("application/grpc-web"),
            Some("application/grpc-web+proto")
        );
        assert_eq!(
            dialect("application/grpc-web-text"),
            Some("application/grpc-web-text+proto")
        );
        assert_eq!(dialect("application/grpcish"), None);
        assert_eq!(dialect("application/json"), None);
    }
}
