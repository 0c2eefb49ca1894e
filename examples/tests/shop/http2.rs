//! A client of HTTP/2 that lets go of no request: it has failed only if the server has said that it will not be looked at.
//!
//! hyper's client, and tonic's on top of it, gives up a request that has just been sent when the server says at this moment
//! that it wants no more of them; then nobody could count what the server has lost.

use axum::body::Bytes;
use h2::client::SendRequest;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use hyper::{HeaderMap, Request, Response};
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::TcpStream;

type Failure = Box<dyn Error + Send + Sync>;

/// A response that has come as a whole.
pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A connection, or a share of one.
#[derive(Clone)]
pub(crate) struct Http2(SendRequest<Bytes>);

impl Http2 {
    pub(crate) async fn connect(server: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect(server).await?;
        let (sender, connection) = h2::client::handshake(socket)
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and reads all of its answer.
    pub(crate) async fn ask<B>(self, request: Request<B>) -> Result<Answer, Failure>
    where
        B: Body<Error: Into<Failure>>,
    {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(Into::into)?.to_bytes();
        let mut sender = self.0.ready().await?;
        let request = Request::from_parts(head, ());
        let (response, mut sending) = sender.send_request(request, body.is_empty())?;
        if !body.is_empty() {
            sending.send_data(body, true)?;
        }
        let (head, mut body) = response.await?.into_parts();
        let mut read = Vec::new();
        while let Some(data) = body.data().await {
            let data = data?;
            body.flow_control().release_capacity(data.len())?;
            read.extend_from_slice(&data);
        }
        let trailers = body.trailers().await?.unwrap_or_else(HeaderMap::new);
        let body = Full::from(read).with_trailers(async { Some(Ok(trailers)) });
        Ok(Response::from_parts(head, body.boxed_unsync()))
    }
}

/// What a client of tonic goes through.
impl<B> tonic::codegen::Service<Request<B>> for Http2
where
    B: Body<Error: Into<Failure>> + Send + 'static,
    B::Data: Send,
{
    type Response = Answer;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
