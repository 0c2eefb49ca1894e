//! `GuardFuture`: a response that is being made.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::answer::{Answer, answer};
use super::asked::{Asked, Outcome};
use super::body::GuardBody;
use crate::panic::PanicError;

pin_project! {
    /// The future of a [`Guard`](super::Guard): the response of the service inside, or the answer to its panic.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use http::{Request, Response};
    /// use rejoin::tower::GuardLayer;
    /// use tower::{Layer, Service, service_fn};
    ///
    /// let hello = service_fn(|_| async { Ok::<_, std::io::Error>(Response::new("hello".to_owned())) });
    /// let mut service = GuardLayer::new().layer(hello);
    /// let response = service.call(Request::new(())).await.unwrap();
    /// assert_eq!(response.status(), 200);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future of the service, as a server does when the client has gone: the task groups of the
    /// handler cancel their tasks in that drop. A destructor that panics then is reported and contained.
    ///
    /// # Panics
    ///
    /// When it is polled again after it has completed.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub struct GuardFuture<F, A> {
        #[pin]
        state: State<F>,
        answer: A,
        // Until the body has it.
        asked: Option<Asked>,
    }

    impl<F, A> PinnedDrop for GuardFuture<F, A> {
        fn drop(this: Pin<&mut Self>) {
            this.discard();
        }
    }
}

pin_project! {
    #[project = Now]
    #[derive(Debug)]
    enum State<F> {
        Serving {
            #[pin]
            future: F,
        },
        /// The call has panicked.
        Panicked {
            panic: Option<PanicError>,
        },
        Ended,
    }
}

impl<F, A> GuardFuture<F, A> {
    /// Takes the future that a call has made, or the panic of that call.
    pub(super) fn new(made: Result<F, PanicError>, answer: A, asked: Asked) -> Self {
        let state = match made {
            Ok(future) => State::Serving { future },
            Err(panic) => State::Panicked { panic: Some(panic) },
        };
        Self {
            state,
            answer,
            asked: Some(asked),
        }
    }

    /// Drops the future of the service; a panic in that is reported.
    fn discard(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let Some(asked) = &*this.asked {
            drop(asked.run(|| this.state.set(State::Ended)));
        }
    }
}

impl<F, A, B, E> Future for GuardFuture<F, A>
where
    F: Future<Output = Result<Response<B>, E>>,
    A: Answer<B>,
    B: Body,
{
    type Output = Result<Response<GuardBody<B>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_mut().project();
        let Some(asked) = this.asked else {
            polled_again()
        };
        let served = match this.state.project() {
            Now::Serving { future } => match asked.run(|| future.poll(cx)) {
                Ok(polled) => Ok(std::task::ready!(polled)),
                Err(panic) => Err(panic),
            },
            Now::Panicked { panic } => Err(panic.take().unwrap_or_else(|| polled_again())),
            Now::Ended => polled_again(),
        };
        // What a panic has left may panic again when it is dropped.
        self.as_mut().discard();

        let this = self.project();
        let Some(mut asked) = this.asked.take() else {
            polled_again()
        };
        let response = match served {
            Ok(Ok(response)) => response.map(Some),
            Ok(Err(error)) => {
                asked.ended(Outcome::Failed);
                return Poll::Ready(Err(error));
            }
            Err(panic) => {
                asked.ended(Outcome::Panicked);
                answer(this.answer, &asked, &panic)
            }
        };
        Poll::Ready(Ok(GuardBody::wrap(response, asked)))
    }
}

#[cold]
#[track_caller]
fn polled_again() -> ! {
    panic!("the future of a guarded service was polled after it had completed")
}
