//! A load: customers and a warehouse, of whom everybody sends the next request when the last one is answered.

use crate::http2::Http2;
use crate::process::Process;
use crate::wire::Delivery;
use crate::wire::stock_client::StockClient;
use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::Code;

/// How many customers have a connection by HTTP/1.1 each, and how many share one by HTTP/2.
const CUSTOMERS: usize = 6;

/// How many deliver by gRPC over one connection.
const DELIVERERS: usize = 4;

#[derive(Clone)]
pub(crate) struct Load {
    http: SocketAddr,
    grpc: SocketAddr,
    most: usize,
    begun: Arc<AtomicUsize>,
    answered: Arc<watch::Sender<usize>>,
    /// From here on who is not accepted is not answered either.
    closing: Arc<AtomicBool>,
}

/// What all of them have seen, and what that means.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Requests with their answers.
    pub(crate) http: u64,
    pub(crate) grpc: u64,
    /// Answers with the status 500.
    pub(crate) internal_errors: u64,
    /// Provoked by gRPC, by HTTP, and in the mails that nobody waits for.
    pub(crate) panics: u64,
    /// Orders that were placed.
    pub(crate) orders: u64,
    /// Those of them whose mail cannot be sent.
    pub(crate) broken_mails: u64,
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.http += other.http;
        self.grpc += other.grpc;
        self.internal_errors += other.internal_errors;
        self.panics += other.panics;
        self.orders += other.orders;
        self.broken_mails += other.broken_mails;
    }
}

impl Load {
    /// Of so many requests, as far as they are accepted.
    pub(crate) fn of(shop: &Process, most: usize) -> Self {
        Self {
            http: shop.http,
            grpc: shop.grpc,
            most,
            begun: Arc::default(),
            answered: Arc::new(watch::Sender::new(0)),
            closing: Arc::default(),
        }
    }

    /// Waits until so many are answered.
    pub(crate) fn busy(&self, answered: usize) -> impl Future<Output = ()> + use<> {
        let mut answers = self.answered.subscribe();
        async move {
            let busy = answers.wait_for(|answers| *answers >= answered).await;
            busy.expect("there is a load");
        }
    }

    /// The shop is about to close.
    pub(crate) fn closes(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// Runs until all are answered, or refused because the shop has closed.
    pub(crate) async fn run(self) -> Seen {
        let mut clients = JoinSet::new();
        let shared = Http2::connect(self.http).await.expect("open");
        for _ in 0..CUSTOMERS {
            let line = self.by_http1().await.expect("open");
            clients.spawn(self.clone().order(line));
            clients.spawn(self.clone().order(Line::Two(shared.clone())));
        }
        let origin = Uri::try_from(format!("http://{}", self.grpc)).expect("an address");
        let shared = Http2::connect(self.grpc).await.expect("open");
        let warehouse = StockClient::with_origin(shared, origin);
        for _ in 0..DELIVERERS {
            clients.spawn(self.clone().deliver(warehouse.clone()));
        }
        let mut all = Seen::default();
        while let Some(seen) = clients.join_next().await {
            all += seen.expect("a client does not panic");
        }
        all
    }

    /// The number of the next request.
    fn next(&self) -> Option<usize> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst);
        (number < self.most).then_some(number)
    }

    fn answer(&self) {
        self.answered.send_modify(|answers| *answers += 1);
    }

    /// No answer: nobody may be left without one but who comes at the end.
    fn forsaken(&self, why: &dyn std::fmt::Debug) {
        assert!(self.closing.load(Ordering::SeqCst), "no answer: {why:?}");
    }

    async fn by_http1(&self) -> io::Result<Line> {
        let socket = TokioIo::new(TcpStream::connect(self.http).await?);
        let (sender, connection) = http1::handshake(socket).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Line::One(sender))
    }

    /// A customer.
    async fn order(self, mut line: Line) -> Seen {
        let mut seen = Seen::default();
        while let Some(number) = self.next() {
            let wish = Wish::number(number);
            match line.ask(self.http, &wish).await {
                Ok((status, closes)) => {
                    assert_eq!(status, wish.status, "{wish:?}");
                    seen += wish.fulfilled();
                    self.answer();
                    if !closes {
                        continue;
                    }
                }
                Err(error) => self.forsaken(&error),
            }
            line = match self.by_http1().await {
                Ok(line) => line,
                Err(error) => {
                    self.forsaken(&error);
                    break;
                }
            };
        }
        seen
    }

    /// Somebody of the warehouse.
    async fn deliver(self, mut warehouse: StockClient<Http2>) -> Seen {
        let mut seen = Seen::default();
        while let Some(number) = self.next() {
            // There are some teapots already.
            let too_much = number % 4 == 0;
            let pieces = if too_much { u32::MAX } else { 0 };
            let item = "teapot".to_owned();
            match warehouse.deliver(Delivery { item, pieces }).await {
                Ok(_) => assert!(!too_much, "there is no room"),
                Err(error) if too_much && error.message() == "internal error" => {
                    assert_eq!(error.code(), Code::Internal);
                    seen.panics += 1;
                }
                Err(error) => {
                    self.forsaken(&error);
                    break;
                }
            }
            seen.grpc += 1;
            self.answer();
        }
        seen
    }
}

/// What a customer asks for, and has to expect.
#[derive(Debug)]
struct Wish {
    method: Method,
    path: &'static str,
    body: String,
    status: StatusCode,
    panics: bool,
}

impl Wish {
    /// They come in turn. Every third one panics: in the handler, in a task of it, in a task of a task, and behind its back.
    fn number(number: usize) -> Self {
        let quote = |path, status| (path, String::new(), status);
        let order = |customer, pieces, status| {
            let lines = format!(
                r#"{{"item": "tea", "pieces": 1}}, {{"item": "coffee", "pieces": {pieces}}}"#
            );
            let order = format!(r#"{{"customer": "{customer}", "lines": [{lines}]}}"#);
            ("/orders", order, status)
        };
        let broken = StatusCode::INTERNAL_SERVER_ERROR;
        let (path, body, status) = match number % 12 {
            1 => quote("/quote/tea/0", broken),
            4 => quote("/quote/tea/4000000000", broken),
            7 => order("ada@example.org", 0, broken),
            10 => order("nobody", 1, StatusCode::CREATED),
            2 | 8 => quote("/quote/tea/12", StatusCode::OK),
            5 => quote("/quote/ink/1", StatusCode::NOT_FOUND),
            _ => order("ada@example.org", 1, StatusCode::CREATED),
        };
        Self {
            method: if body.is_empty() {
                Method::GET
            } else {
                Method::POST
            },
            path,
            body,
            status,
            panics: number % 3 == 1,
        }
    }

    /// What has happened when it has its answer.
    fn fulfilled(&self) -> Seen {
        let placed = self.status == StatusCode::CREATED;
        Seen {
            http: 1,
            grpc: 0,
            internal_errors: (self.status == StatusCode::INTERNAL_SERVER_ERROR).into(),
            panics: self.panics.into(),
            orders: placed.into(),
            broken_mails: (placed && self.panics).into(),
        }
    }
}

/// A connection to the shop, or a share of one.
enum Line {
    One(http1::SendRequest<Full<Bytes>>),
    Two(Http2),
}

impl Line {
    /// The status of the answer, and whether the connection closes after it.
    async fn ask(
        &mut self,
        shop: SocketAddr,
        wish: &Wish,
    ) -> Result<(StatusCode, bool), Box<dyn Error + Send + Sync>> {
        let uri = match self {
            Self::One(_) => wish.path.to_owned(),
            Self::Two(_) => format!("http://{shop}{}", wish.path),
        };
        let request = Request::builder()
            .method(wish.method.clone())
            .uri(uri)
            .header(header::HOST, shop.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::<Bytes>::from(wish.body.clone()))?;
        match self {
            Self::One(line) => {
                line.ready().await?;
                let (head, body) = line.send_request(request).await?.into_parts();
                body.collect().await.expect("what has begun is whole");
                let closes = head.headers.get(header::CONNECTION);
                Ok((head.status, closes.is_some_and(|value| value == "close")))
            }
            Self::Two(line) => Ok((line.clone().ask(request).await?.status(), false)),
        }
    }
}

/// An upload of orders that takes its time.
pub(crate) struct Upload(TcpStream);

impl Upload {
    pub(crate) async fn begin(shop: SocketAddr) -> Self {
        let mut socket = TcpStream::connect(shop).await.expect("open");
        let head = format!(
            "POST /orders/import HTTP/1.1\r\nHost: {shop}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.expect("open");
        Self(socket)
    }

    /// One more line.
    pub(crate) async fn send(&mut self, order: &str) {
        let chunk = format!("{:x}\r\n{order}\n\r\n", order.len() + 1);
        self.0.write_all(chunk.as_bytes()).await.expect("open");
    }

    /// The body of the answer.
    pub(crate) async fn end(mut self) -> String {
        self.0.write_all(b"0\r\n\r\n").await.expect("open");
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).await.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        body.to_owned()
    }
}
