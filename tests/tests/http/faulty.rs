//! A service that panics wherever it is asked to.

use std::convert::Infallible;
use std::future::Future;
use std::panic::panic_any;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use hyper::body::Bytes;
use hyper::{Request, Response};
use tower::Service;

/// Where it panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Readiness,
    Call,
    Handler,
    /// In a task of the handler's group.
    Child,
    /// In the handler, and again when that is dropped.
    Twice,
    /// With a payload whose destructor panics.
    Payload,
    /// On purpose, without an answer.
    Abort,
    /// At the first frame.
    Body,
    /// After the first of two frames.
    HalfWay,
    /// On purpose, after the first of two frames.
    AbortHalfWay,
    SizeHint,
    EndOfStream,
    /// In the destructor of a body that was sent.
    BodyDrop,
    /// In the destructor of a handler that is waiting.
    HandlerDrop,
}

/// A service with a fault, and the message of its panics.
#[derive(Clone, Debug)]
pub(crate) struct Faulty(pub(crate) Fault, pub(crate) &'static str);

impl Faulty {
    fn at(&self, fault: Fault) {
        if self.0 == fault {
            panic_any(self.1);
        }
    }
}

impl<Q> Service<Request<Q>> for Faulty {
    type Response = Response<Streamed>;
    type Error = Infallible;
    type Future = Handler;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.at(Fault::Readiness);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Q>) -> Handler {
        self.at(Fault::Call);
        Handler {
            faulty: self.clone(),
            answer: Box::pin(answer(self.clone())),
        }
    }
}

async fn answer(faulty: Faulty) -> Response<Streamed> {
    match faulty.0 {
        Fault::Child => group(faulty.1).await,
        Fault::Payload => panic_any(Bomb(faulty.1)),
        Fault::Abort => rejoin::abort_handler(),
        Fault::HandlerDrop => std::future::pending().await,
        _ => tokio::task::yield_now().await,
    }
    faulty.at(Fault::Handler);
    faulty.at(Fault::Twice);
    Response::new(Streamed {
        faulty,
        frames: ["he", "llo"].iter(),
    })
}

#[rejoin::task_group]
async fn group(message: &'static str) {
    tokio::spawn(async move { panic_any(message) });
    std::future::pending::<()>().await;
}

/// Its destructor panics.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(self.0);
    }
}

/// The future of the service.
pub(crate) struct Handler {
    faulty: Faulty,
    answer: Pin<Box<dyn Future<Output = Response<Streamed>> + Send>>,
}

impl Future for Handler {
    type Output = Result<Response<Streamed>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.answer.as_mut().poll(cx).map(Ok)
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.faulty.at(Fault::Twice);
        self.faulty.at(Fault::HandlerDrop);
    }
}

/// `hello`, in two frames.
pub(crate) struct Streamed {
    faulty: Faulty,
    frames: std::slice::Iter<'static, &'static str>,
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.faulty.at(Fault::Body);
        if self.frames.len() == 1 {
            // Once with nothing ready, so that a server sends what it has.
            if matches!(self.faulty.0, Fault::HalfWay | Fault::AbortHalfWay) {
                self.frames.next();
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        if self.frames.len() == 0 {
            self.faulty.at(Fault::HalfWay);
            if self.faulty.0 == Fault::AbortHalfWay {
                rejoin::abort_handler();
            }
        }
        let frame = self.frames.next();
        Poll::Ready(frame.map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
    }

    fn is_end_stream(&self) -> bool {
        self.faulty.at(Fault::EndOfStream);
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.faulty.at(Fault::SizeHint);
        SizeHint::new()
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        self.faulty.at(Fault::BodyDrop);
    }
}
