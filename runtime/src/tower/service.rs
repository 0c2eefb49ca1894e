//! `GuardLayer` and `Guard`: the layer and its service.

use std::fmt;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::answer::{Answer, InternalServerError};
use super::asked::Asked;
use super::body::GuardBody;
use super::future::GuardFuture;
use crate::ambient;
use crate::panic::{PanicError, frame_named};
use crate::site::Site;

static READINESS: Site = Site::new("poll_ready");

/// A layer that contains, names and times the requests of a service: see the [module](super).
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
/// use rejoin::tower::GuardLayer;
/// use tower::ServiceExt;
///
/// async fn price() -> &'static str {
///     panic!("no price for this one")
/// }
///
/// let app: Router = Router::new().route("/price", get(price)).layer(GuardLayer::new());
///
/// let request = Request::get("/price").body(Body::empty()).unwrap();
/// let response = app.oneshot(request).await.unwrap();
/// assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GuardLayer<A = InternalServerError> {
    answer: A,
}

impl GuardLayer {
    /// The layer that answers a panic with an empty `500 Internal Server Error`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            answer: InternalServerError,
        }
    }

    /// The layer that answers a panic with the response that `answer` makes of it.
    ///
    /// The client sees what that response says and nothing else: whether it tells of the panic is up to `answer`.
    /// `Connection: close` is added for HTTP/1.1, where the response has no such header. A client that speaks gRPC is not
    /// answered by it; it gets the status `INTERNAL`.
    ///
    /// # Example
    ///
    /// Problem details, as in RFC 9457:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use axum::{Router, body::Body, http::{Request, Response, StatusCode}, routing::get};
    /// use rejoin::{PanicError, tower::GuardLayer};
    /// use tower::ServiceExt;
    ///
    /// fn problem(_: &PanicError) -> Response<Body> {
    ///     let problem = r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#;
    ///     Response::builder()
    ///         .status(StatusCode::INTERNAL_SERVER_ERROR)
    ///         .header("content-type", "application/problem+json")
    ///         .body(Body::from(problem))
    ///         .expect("a response without faults")
    /// }
    ///
    /// # async fn price() { panic!("no price for this one") }
    /// let app: Router = Router::new().route("/price", get(price)).layer(GuardLayer::answer(problem));
    ///
    /// let request = Request::get("/price").body(Body::empty()).unwrap();
    /// let response = app.oneshot(request).await.unwrap();
    /// assert_eq!(response.headers()["content-type"], "application/problem+json");
    /// # }
    /// ```
    pub const fn answer<F, B>(answer: F) -> GuardLayer<F>
    where
        F: Fn(&PanicError) -> Response<B>,
    {
        GuardLayer { answer }
    }

    /// As [`answer`](Self::answer), for an [`Answer`] that has a type of its own: see there.
    #[must_use]
    pub const fn answering<A>(answer: A) -> GuardLayer<A> {
        GuardLayer { answer }
    }
}

impl<S, A: Clone> Layer<S> for GuardLayer<A> {
    type Service = Guard<S, A>;

    fn layer(&self, inner: S) -> Self::Service {
        ambient::install();
        Guard {
            inner,
            answer: self.answer.clone(),
            unready: None,
        }
    }
}

/// The service of a [`GuardLayer`].
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use http::{Request, Response};
/// use rejoin::tower::{Guard, GuardLayer};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// async fn price(request: Request<()>) -> Result<Response<String>, std::io::Error> {
///     let price = request.uri().path()[1..].parse::<u32>().unwrap();
///     Ok(Response::new(format!("{price} €")))
/// }
///
/// let service: Guard<_> = GuardLayer::new().layer(service_fn(price));
/// let request = Request::get("/seven").body(()).unwrap();
/// let response = service.oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 500);
/// # }
/// ```
///
/// # Readiness
///
/// A panic in the inner service's `poll_ready` is reported, and the request that it was to be made ready for is answered
/// like any panic: the service says that it is ready, and does not pass that one call on. The next request polls the
/// inner service anew. What the panic has left of it nobody knows; axum and hyper serve each request, or each connection,
/// with a clone, which ends with it.
pub struct Guard<S, A = InternalServerError> {
    inner: S,
    answer: A,
    /// A panic of `poll_ready` that the next call will answer.
    unready: Option<PanicError>,
}

/// The clone of the inner service; a panic of this one's `poll_ready` is not the clone's to answer.
impl<S: Clone, A: Clone> Clone for Guard<S, A> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            answer: self.answer.clone(),
            unready: None,
        }
    }
}

impl<S: fmt::Debug, A> fmt::Debug for Guard<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, A, Q, B> Service<Request<Q>> for Guard<S, A>
where
    S: Service<Request<Q>, Response = Response<B>>,
    A: Answer<B> + Clone,
    B: Body,
{
    type Response = Response<GuardBody<B>>;
    type Error = S::Error;
    type Future = GuardFuture<S::Future, A>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        if self.unready.is_some() {
            return Poll::Ready(Ok(()));
        }
        match frame_named(&READINESS, || self.inner.poll_ready(cx)) {
            Ok(polled) => polled,
            Err(panic) => {
                self.unready = Some(panic);
                Poll::Ready(Ok(()))
            }
        }
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let asked = Asked::of(&request);
        let made = match self.unready.take() {
            Some(panic) => Err(panic),
            None => asked.run(|| self.inner.call(request)),
        };
        GuardFuture::new(made, self.answer.clone(), asked)
    }
}
