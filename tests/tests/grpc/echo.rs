//! A gRPC service written by hand, as its generator would write it: its messages are plain text.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use tokio_util::bytes::{Buf, BufMut};
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::BoxFuture;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::http::{Request as HttpRequest, Response as HttpResponse};
use tonic::server::{Grpc, NamedService, ServerStreamingService, UnaryService};
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};
use tower::Service;

pub(crate) type Texts = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// What a server implements.
#[tonic::async_trait]
pub(crate) trait Echo: Send + Sync + 'static {
    async fn say(&self, request: Request<String>) -> Result<Response<String>, Status>;
    async fn count(&self, request: Request<String>) -> Result<Response<Texts>, Status>;
}

/// The encoder panics at this one.
pub(crate) const UNSPEAKABLE: &str = "unspeakable";

#[derive(Clone, Copy, Default)]
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, text: String, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        assert!(text != UNSPEAKABLE, "the encoder of a message");
        buffer.put_slice(text.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        Ok(Some(String::from_utf8(bytes.to_vec()).unwrap()))
    }
}

/// The service around an [`Echo`].
pub(crate) struct EchoServer<T>(Arc<T>);

impl<T> EchoServer<T> {
    pub(crate) fn new(echo: T) -> Self {
        Self(Arc::new(echo))
    }
}

impl<T> Clone for EchoServer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> NamedService for EchoServer<T> {
    const NAME: &'static str = "test.Echo";
}

impl<T: Echo> UnaryService<String> for EchoServer<T> {
    type Response = String;
    type Future = BoxFuture<Response<String>, Status>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let echo = Arc::clone(&self.0);
        Box::pin(async move { echo.say(request).await })
    }
}

impl<T: Echo> ServerStreamingService<String> for EchoServer<T> {
    type Response = String;
    type ResponseStream = Texts;
    type Future = BoxFuture<Response<Texts>, Status>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let echo = Arc::clone(&self.0);
        Box::pin(async move { echo.count(request).await })
    }
}

impl<T: Echo> Service<HttpRequest<Body>> for EchoServer<T> {
    type Response = HttpResponse<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(Text);
            Ok(match request.uri().path() {
                "/test.Echo/Say" => grpc.unary(echo, request).await,
                "/test.Echo/Count" => grpc.server_streaming(echo, request).await,
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

/// The client.
#[derive(Clone)]
pub(crate) struct EchoClient(tonic::client::Grpc<Channel>);

impl EchoClient {
    pub(crate) fn new(channel: Channel) -> Self {
        Self(tonic::client::Grpc::new(channel))
    }

    pub(crate) async fn say(&mut self, text: &str) -> Result<String, Status> {
        self.0
            .ready()
            .await
            .map_err(|error| Status::from_error(error.into()))?;
        let path = PathAndQuery::from_static("/test.Echo/Say");
        let request = Request::new(text.to_owned());
        Ok(self.0.unary(request, path, Text).await?.into_inner())
    }

    pub(crate) async fn count(&mut self, text: &str) -> Result<Streaming<String>, Status> {
        self.0
            .ready()
            .await
            .map_err(|error| Status::from_error(error.into()))?;
        let path = PathAndQuery::from_static("/test.Echo/Count");
        let request = Request::new(text.to_owned());
        Ok(self
            .0
            .server_streaming(request, path, Text)
            .await?
            .into_inner())
    }
}
