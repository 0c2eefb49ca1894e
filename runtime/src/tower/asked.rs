//! What is known of a request, from its head to the end of its response's body.

use std::fmt;
use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{Method, Request, StatusCode, Version};
use http_body::Body;

use super::grpc;
use super::watch::Watch;
use crate::panic::{PanicError, frame};
use crate::request::serve;

/// So much of a path is told where no route is known: a client can make it as long as it likes.
const LONGEST_PATH: usize = 256;

/// A request that is being served. It moves from the future of the response into the body.
#[derive(Debug)]
pub(super) struct Asked {
    /// Shared with the task groups of the handler.
    what: Arc<What>,
    /// The content type of an answer, where the client speaks gRPC.
    grpc: Option<&'static str>,
    /// The version has connections that can be told to close.
    closes: bool,
    watch: Watch,
}

/// What was asked for.
#[derive(Debug)]
struct What {
    method: Method,
    route: Route,
}

/// The part of it that the method is asked of.
#[derive(Debug)]
enum Route {
    /// The template of axum's router: there are only as many as the program has routes.
    #[cfg(feature = "axum")]
    Template(axum::extract::MatchedPath),
    Path(PathAndQuery),
    /// No path: `CONNECT`.
    None,
}

impl Route {
    fn of<B>(request: &Request<B>) -> Self {
        #[cfg(feature = "axum")]
        if let Some(template) = request.extensions().get() {
            return Self::Template(axum::extract::MatchedPath::clone(template));
        }
        let uri = request.uri();
        // A service nested in axum's router is given the rest of the path.
        #[cfg(feature = "axum")]
        let uri = request
            .extensions()
            .get()
            .map_or(uri, |axum::extract::OriginalUri(uri)| uri);
        let path = uri.path_and_query();
        path.map_or(Self::None, |path| Self::Path(path.clone()))
    }

    fn template(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "axum")]
            Self::Template(template) => Some(template.as_str()),
            Self::Path(_) | Self::None => None,
        }
    }

    fn path(&self) -> Option<&str> {
        match self {
            // Not the query: it may hold what is nobody's business.
            Self::Path(path) => Some(path.path()),
            _ => None,
        }
    }
}

impl Asked {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let method = request.method().clone();
        let route = Route::of(request);
        let watch = Watch::start(|| (method.as_str(), route.template(), route.path()));
        Self {
            what: Arc::new(What { method, route }),
            grpc: request.headers().get(CONTENT_TYPE).and_then(grpc::dialect),
            closes: request.version() < Version::HTTP_2,
            watch,
        }
    }

    pub(super) fn grpc(&self) -> Option<&'static str> {
        self.grpc
    }

    pub(super) fn closes(&self) -> bool {
        self.closes
    }

    /// Runs a piece of what serves the request: in its span, and so that a panic is reported with it.
    #[inline]
    pub(super) fn run<R>(&self, f: impl FnOnce() -> R) -> Result<R, PanicError> {
        let _entered = self.watch.enter();
        serve(&self.what, || frame(f))
    }

    /// The response has begun.
    pub(super) fn answered(&mut self, status: StatusCode) {
        self.watch.answered(status);
    }

    /// A server does not poll a body that says it has ended, and none at all for a `HEAD`.
    pub(super) fn look_for_end<B: Body>(&mut self, body: &B) {
        if self.watch.listens()
            && (self.what.method == Method::HEAD
                || self.run(|| body.is_end_stream()).unwrap_or(false))
        {
            self.ended(Outcome::Answered);
        }
    }

    /// How it has ended, unless that was told before.
    pub(super) fn ended(&mut self, outcome: Outcome) {
        self.watch.ended(outcome);
    }
}

impl Drop for Asked {
    #[inline]
    fn drop(&mut self) {
        let Self { what, watch, .. } = self;
        let What { method, route } = &**what;
        watch.tell(|| (method.as_str(), route.template(), route.path()));
    }
}

/// "GET /users/{id}"
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method.as_str())?;
        match self.route.template().or(self.route.path()) {
            Some(path) => write!(f, " {path:.LONGEST_PATH$}"),
            None => Ok(()),
        }
    }
}

/// How a request has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The client was sent all of a response.
    Answered,
    /// A panic ended it, or began its answer.
    Panicked,
    /// The service or the body gave an error.
    Failed,
    /// It was dropped half-way: as a rule, the client had gone.
    #[cfg(feature = "tracing")]
    Dropped,
}
