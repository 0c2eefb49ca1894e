//! An axum handler under load, over loopback, with several connections that are kept alive.

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rejoin::__private::{Site, guard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower_http::catch_panic::CatchPanicLayer;

use super::pairs::{Row, Sample, Stopwatch, Target, on_worker, runtime};

const CONNECTIONS: usize = 16;
const REQUESTS: usize = 1_000;

static SITE: Site = Site::new("versus::http::handler");

pub(crate) const BARE: Row = Row {
    name: "axum handler under load, guarded / bare",
    target: Target::Ratio(1.02),
    ours: || load(guarded()),
    theirs: || load(bare()),
};

pub(crate) const LAYER: Row = Row {
    name: "axum handler under load, guarded / CatchPanicLayer",
    target: Target::None,
    ours: || load(guarded()),
    theirs: || load(caught()),
};

/// With the feature `tower`.
#[cfg(feature = "tower")]
pub(crate) const GUARD_LAYER_BARE: Row = Row {
    name: "axum handler under load, GuardLayer / bare",
    target: Target::None,
    ours: || load(layered()),
    theirs: || load(bare()),
};

#[cfg(feature = "tower")]
pub(crate) const GUARD_LAYER: Row = Row {
    name: "axum handler under load, GuardLayer / CatchPanicLayer",
    target: Target::None,
    ours: || load(layered()),
    theirs: || load(caught()),
};

async fn answer() -> Response {
    tokio::task::yield_now().await;
    "hello".into_response()
}

/// What `#[guarded]` makes of [`answer`].
async fn guarded_answer() -> Response {
    guard(
        &SITE,
        async move {
            tokio::task::yield_now().await;
            "hello".into_response()
        },
        |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    )
    .await
}

fn bare() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| serve(Router::new().route("/", get(answer))))
}

fn guarded() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| serve(Router::new().route("/", get(guarded_answer))))
}

fn caught() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    let router = || {
        Router::new()
            .route("/", get(answer))
            .layer(CatchPanicLayer::new())
    };
    *ADDRESS.get_or_init(|| serve(router()))
}

#[cfg(feature = "tower")]
fn layered() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    let router = || {
        Router::new()
            .route("/", get(answer))
            .layer(rejoin::tower::GuardLayer::new())
    };
    *ADDRESS.get_or_init(|| serve(router()))
}

fn serve(router: Router) -> SocketAddr {
    let listener = runtime()
        .block_on(TcpListener::bind(("127.0.0.1", 0)))
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    runtime().spawn(async move { axum::serve(listener, router).await });
    address
}

/// Nanoseconds per request.
fn load(address: SocketAddr) -> Sample {
    on_worker(async move {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("a socket option");
            connections.push(stream);
        }
        let watch = Stopwatch::start();
        let clients: Vec<_> = connections
            .into_iter()
            .map(|stream| tokio::spawn(requests(stream)))
            .collect();
        for client in clients {
            client.await.expect("a client");
        }
        watch.each(CONNECTIONS * REQUESTS)
    })
}

async fn requests(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    for _ in 0..REQUESTS {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .expect("a request");
        let mut length = 0;
        while !buffer[..length].ends_with(b"hello") {
            let read = stream
                .read(&mut buffer[length..])
                .await
                .expect("a response");
            assert_ne!(read, 0, "the server has closed the connection");
            length += read;
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"));
    }
}

/// Without a network: the call, the response, its body, and their drops.
#[cfg(feature = "tower")]
pub(crate) const REQUEST: Row = Row {
    name: "a request through a layer, GuardLayer / CatchPanicLayer",
    target: Target::None,
    ours: || layers::requests(rejoin::tower::GuardLayer::new()),
    theirs: || layers::requests(CatchPanicLayer::new()),
};

#[cfg(feature = "tower")]
mod layers {
    use std::convert::Infallible;
    use std::future::{Future, Ready, ready};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use axum::body::{Body, HttpBody};
    use axum::http::{Request, Response};
    use tower::{Layer, Service};

    use super::{Sample, Stopwatch};

    const REQUESTS: usize = 200_000;

    /// Nanoseconds per request.
    pub(super) fn requests<L, B>(layer: L) -> Sample
    where
        L: Layer<Hello>,
        L::Service: Service<Request<Body>, Response = Response<B>>,
        B: HttpBody,
    {
        let mut service = layer.layer(Hello);
        let mut cx = Context::from_waker(Waker::noop());
        let watch = Stopwatch::start();
        for _ in 0..REQUESTS {
            let ready = service.poll_ready(&mut cx).is_ready();
            let mut response = pin!(service.call(Request::new(Body::empty())));
            let Poll::Ready(Ok(response)) = response.as_mut().poll(&mut cx) else {
                panic!("not at once");
            };
            let mut body = pin!(response.into_body());
            let first = body.as_mut().poll_frame(&mut cx).is_ready();
            assert!(ready && first && body.is_end_stream());
        }
        watch.each(REQUESTS)
    }

    /// A service that is ready, and so is its response.
    #[derive(Clone)]
    pub(super) struct Hello;

    impl Service<Request<Body>> for Hello {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = Ready<Result<Response<Body>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            ready(Ok(Response::new(Body::from("hello"))))
        }
    }
}
