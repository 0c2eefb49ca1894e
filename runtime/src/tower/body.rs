//! `GuardBody`: a streamed body whose panics end its stream and nothing else.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::asked::{Asked, Outcome};
use super::grpc;

pin_project! {
    /// The body of a response that has passed a [`GuardLayer`](super::GuardLayer).
    ///
    /// A panic while it streams is reported and becomes an error of the stream: a [`PanicError`](crate::PanicError) in a
    /// box. A server then breaks the response off, so that the client does not take what it got for all there was: over
    /// HTTP/1.1 it closes the connection, over HTTP/2 it resets the stream. A stream of gRPC is ended with the status
    /// `INTERNAL` instead. A destructor of the body that panics is reported and contained.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use axum::body::{Body, to_bytes};
    /// use futures::stream;
    /// use http::{Request, Response};
    /// use rejoin::tower::GuardLayer;
    /// use tower::{Layer, ServiceExt, service_fn};
    ///
    /// fn next(line: u32) -> std::io::Result<String> {
    ///     assert!(line < 2, "out of paper");
    ///     Ok(format!("line {line}"))
    /// }
    ///
    /// let print = service_fn(|_: Request<()>| async {
    ///     let lines = stream::iter((0..3).map(next));
    ///     Ok::<_, std::io::Error>(Response::new(Body::from_stream(lines)))
    /// });
    /// let response = GuardLayer::new().layer(print).oneshot(Request::new(())).await.unwrap();
    /// assert_eq!(response.status(), 200, "it has begun well");
    /// let body = to_bytes(Body::new(response.into_body()), 1024).await;
    /// assert!(body.unwrap_err().to_string().ends_with("out of paper"));
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the body in it, as a server does when the client has gone.
    #[derive(Debug)]
    pub struct GuardBody<B> {
        #[pin]
        state: State<B>,
        // None where there is no body.
        asked: Option<Asked>,
        trailers: bool,
    }

    impl<B> PinnedDrop for GuardBody<B> {
        fn drop(this: Pin<&mut Self>) {
            this.discard();
        }
    }
}

pin_project! {
    #[project = Now]
    #[derive(Debug)]
    enum State<B> {
        Streaming {
            #[pin]
            body: B,
        },
        Ended,
    }
}

impl<B: Body> GuardBody<B> {
    /// Takes the body of a response, `None` for an empty one.
    pub(super) fn wrap(response: Response<Option<B>>, mut asked: Asked) -> Response<Self> {
        asked.answered(response.status());
        let trailers = grpc::has_trailers(&response);
        response.map(|body| {
            match &body {
                Some(body) => asked.look_for_end(body),
                None => asked.ended(Outcome::Answered),
            }
            Self {
                state: body.map_or(State::Ended, |body| State::Streaming { body }),
                asked: Some(asked),
                trailers,
            }
        })
    }
}

impl<B> GuardBody<B> {
    /// Drops the body; a panic in that is reported.
    fn discard(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let (State::Streaming { .. }, Some(asked)) = (&*this.state, &*this.asked) {
            drop(asked.run(|| this.state.set(State::Ended)));
        }
    }
}

/// An empty body.
impl<B> Default for GuardBody<B> {
    fn default() -> Self {
        Self {
            state: State::Ended,
            asked: None,
            trailers: false,
        }
    }
}

impl<B> GuardBody<B> {
    /// Asks the body; `None` where there is none, and `otherwise` where it panics.
    fn ask<R>(&self, question: impl FnOnce(&B) -> R, otherwise: R) -> Option<R> {
        let (State::Streaming { body }, Some(asked)) = (&self.state, &self.asked) else {
            return None;
        };
        Some(asked.run(|| question(body)).unwrap_or(otherwise))
    }
}

impl<B> Body for GuardBody<B>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = B::Data;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, Self::Error>>> {
        let this = self.as_mut().project();
        let (Now::Streaming { mut body }, Some(asked)) = (this.state.project(), this.asked) else {
            return Poll::Ready(None);
        };
        match asked.run(|| body.as_mut().poll_frame(cx)) {
            Ok(polled) => {
                match &polled {
                    Poll::Ready(None) => asked.ended(Outcome::Answered),
                    Poll::Ready(Some(Err(_))) => asked.ended(Outcome::Failed),
                    Poll::Ready(Some(Ok(_))) => asked.look_for_end(&*body),
                    Poll::Pending => {}
                }
                polled.map_err(Into::into)
            }
            Err(panic) => {
                asked.ended(Outcome::Panicked);
                let trailers = *this.trailers;
                self.discard();
                Poll::Ready(Some(if trailers {
                    Ok(Frame::trailers(grpc::trailers()))
                } else {
                    Err(panic.into())
                }))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ask(B::is_end_stream, false).unwrap_or(true)
    }

    fn size_hint(&self) -> SizeHint {
        self.ask(B::size_hint, SizeHint::new())
            .unwrap_or_else(|| SizeHint::with_exact(0))
    }
}
