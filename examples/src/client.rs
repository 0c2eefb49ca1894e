//! A plain HTTP client on hyper, one connection a value.
//!
//! A request is driven by the future that asks for it and by nobody else: dropping that future closes the socket,
//! as a client does that hangs up.

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// What a client sees of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A well-formed response.
    Answer {
        /// Its status.
        status: StatusCode,
        /// Whether the server says that it closes the connection.
        closes: bool,
        /// Its body.
        body: String,
    },
    /// No response: what went wrong instead.
    Nothing(String),
}

impl Reply {
    /// The status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answer { status, .. } => Some(*status),
            Self::Nothing(_) => None,
        }
    }

    /// The body, empty where there was no response.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Answer { body, .. } => body,
            Self::Nothing(_) => "",
        }
    }

    /// Whether the response says `Connection: close`.
    #[must_use]
    pub fn closes(&self) -> bool {
        matches!(self, Self::Answer { closes: true, .. })
    }

    async fn read(response: Response<Incoming>) -> hyper::Result<Self> {
        let status = response.status();
        let connection = response.headers().get(header::CONNECTION);
        let closes = connection.is_some_and(|value| value == "close");
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Self::Answer {
            status,
            closes,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// The innermost cause says most: "connection reset" rather than "client error".
    fn failed(error: &(dyn Error + 'static)) -> Self {
        let mut cause = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::Nothing(cause.to_string())
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, .. } => write!(f, "{status}"),
            Self::Nothing(why) => write!(f, "no reply: {why}"),
        }
    }
}

/// One request by HTTP/1.1 on a connection of its own.
pub async fn request(method: Method, server: SocketAddr, path: &str) -> Reply {
    match http1(method, server, path).await {
        Ok(reply) => reply,
        Err(error) => Reply::failed(&*error),
    }
}

/// A `GET` by HTTP/1.1 on a connection of its own.
pub async fn get(server: SocketAddr, path: &str) -> Reply {
    request(Method::GET, server, path).await
}

async fn http1(
    method: Method,
    server: SocketAddr,
    path: &str,
) -> Result<Reply, Box<dyn Error + Send + Sync>> {
    let socket = TcpStream::connect(server).await?;
    let (mut sender, connection) = conn::http1::handshake(TokioIo::new(socket)).await?;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, server.to_string())
        .body(Empty::<Bytes>::new())?;
    let exchange = async { Reply::read(sender.send_request(request).await?).await };
    // The exchange ends first when all is well; a connection that ends first took the response with it,
    // and the exchange then says how.
    let (exchange, connection) = (std::pin::pin!(exchange), std::pin::pin!(connection));
    Ok(match futures::future::select(exchange, connection).await {
        futures::future::Either::Left((reply, _)) => reply,
        futures::future::Either::Right((_, exchange)) => exchange.await,
    }?)
}

/// Sends a `GET` by HTTP/1.1 and does not wait: dropping the socket hangs up.
///
/// # Errors
///
/// When the server cannot be reached.
pub async fn send_only(server: SocketAddr, path: &str) -> std::io::Result<TcpStream> {
    let mut socket = TcpStream::connect(server).await?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    Ok(socket)
}

/// One HTTP/2 connection (prior knowledge, without TLS) for any number of requests at once.
#[derive(Clone, Debug)]
pub struct Http2 {
    server: SocketAddr,
    sender: conn::http2::SendRequest<Empty<Bytes>>,
}

impl Http2 {
    /// Connects.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or speaks no HTTP/2.
    pub async fn connect(server: SocketAddr) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let socket = TokioIo::new(TcpStream::connect(server).await?);
        let (sender, connection) = conn::http2::handshake(TokioExecutor::new(), socket).await?;
        // Ends with the last sender; what it fails with, the requests on it see as well.
        tokio::spawn(connection);
        Ok(Self { server, sender })
    }

    /// A `GET` as one stream of this connection.
    ///
    /// # Panics
    ///
    /// When the path is none.
    pub async fn get(&self, path: &str) -> Reply {
        let mut sender = self.sender.clone();
        let request = Request::builder()
            .uri(format!("http://{}{path}", self.server))
            .body(Empty::new())
            .expect("a valid path");
        let reply = async {
            sender.ready().await?;
            Reply::read(sender.send_request(request).await?).await
        };
        reply.await.unwrap_or_else(|error| Reply::failed(&error))
    }
}
