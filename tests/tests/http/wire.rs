//! A real server around any service, and a real client: hyper's, over loopback.
#![allow(dead_code, reason = "each test file uses a part")]

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;

use http_body::Body;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, Version, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::Service;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Serves both versions of HTTP on a free port, each connection in a raw task.
pub(crate) async fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                // What a connection fails with, its client sees.
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(socket), service)
                    .await;
            });
        }
    });
    address
}

/// What a client sees of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A whole response.
    Answer {
        status: u16,
        closes: bool,
        body: String,
    },
    /// The beginning of one.
    Broken { status: u16, body: String },
    /// None.
    Nothing,
}

/// In short, for the table.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, body, .. } if body.is_empty() => write!(f, "{status}"),
            Self::Answer { status, body, .. } => write!(f, "{status} `{body}`"),
            Self::Broken { status, body } => write!(f, "{status} `{body}`, broken off"),
            Self::Nothing => f.write_str("no reply"),
        }
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) enum Client {
    One(http1::SendRequest<Empty<Bytes>>),
    Two(http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    pub(crate) async fn connect(version: Version, server: SocketAddr) -> Self {
        let socket = TcpStream::connect(server).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let socket = TokioIo::new(socket);
        if version == Version::HTTP_2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), socket)
                .await
                .unwrap();
            tokio::spawn(connection);
            Self::Two(sender)
        } else {
            let (sender, connection) = http1::handshake(socket).await.unwrap();
            tokio::spawn(connection);
            Self::One(sender)
        }
    }

    /// Another handle of an HTTP/2 connection.
    pub(crate) fn stream(&self) -> Self {
        match self {
            Self::One(_) => panic!("one request at a time"),
            Self::Two(sender) => Self::Two(sender.clone()),
        }
    }

    /// The head of the response to a `GET`.
    pub(crate) async fn head(&mut self, path: &str) -> hyper::Result<Response<Incoming>> {
        let request = Request::get(format!("http://localhost{path}"))
            .header(header::HOST, "localhost")
            .body(Empty::new())
            .unwrap();
        match self {
            Self::One(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Two(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        match self.head(path).await {
            Ok(response) => read(response).await,
            Err(_) => Seen::Nothing,
        }
    }
}

/// A `GET` on a connection of its own.
pub(crate) async fn get(version: Version, server: SocketAddr, path: &str) -> Seen {
    Client::connect(version, server).await.get(path).await
}

pub(crate) async fn read(response: Response<Incoming>) -> Seen {
    let status = response.status().as_u16();
    let connection = response.headers().get(header::CONNECTION);
    let closes = connection.is_some_and(|value| value == "close");
    let mut body = response.into_body();
    let mut read = Vec::new();
    let text = |read| String::from_utf8(read).unwrap();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let body = text(read);
            return Seen::Broken { status, body };
        };
        read.extend(frame.into_data().unwrap_or_default());
    }
    let body = text(read);
    Seen::Answer {
        status,
        closes,
        body,
    }
}
