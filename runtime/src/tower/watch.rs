//! The clock of a request, and its span: there only while somebody listens.
//!
//! Without a subscriber that wants the target `rejoin::request` at the level `DEBUG`, a request has no span and nobody
//! looks at the clock.

use http::StatusCode;

use super::asked::Outcome;

/// The method, the route where it is known, and the path elsewhere.
type What<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

#[cfg(feature = "tracing")]
pub(super) use heard::Watch;
#[cfg(not(feature = "tracing"))]
pub(super) use unheard::Watch;

#[cfg(feature = "tracing")]
mod heard {
    use std::time::Instant;

    use tracing::span::Entered;
    use tracing::{Level, Span};

    use super::{Outcome, StatusCode, What};
    use crate::panic::reporting;

    const TARGET: &str = "rejoin::request";

    #[derive(Debug)]
    pub(in crate::tower) struct Watch(Option<Box<Heard>>);

    #[derive(Debug)]
    struct Heard {
        span: Span,
        started: Instant,
        status: Option<u16>,
        outcome: Option<Outcome>,
    }

    impl Watch {
        #[inline]
        pub(in crate::tower) fn start<'a>(what: impl FnOnce() -> What<'a>) -> Self {
            if !tracing::enabled!(target: TARGET, Level::DEBUG) {
                return Self(None);
            }
            let (method, route, path) = what();
            let span = tracing::debug_span!(target: TARGET, "request", method, route, path);
            Self(Some(Box::new(Heard {
                span,
                started: Instant::now(),
                status: None,
                outcome: None,
            })))
        }

        #[inline]
        pub(in crate::tower) fn listens(&self) -> bool {
            self.0.is_some()
        }

        #[inline]
        pub(in crate::tower) fn enter(&self) -> Option<Entered<'_>> {
            Some(self.0.as_ref()?.span.enter())
        }

        #[inline]
        pub(in crate::tower) fn answered(&mut self, status: StatusCode) {
            if let Some(heard) = &mut self.0 {
                heard.status = Some(status.as_u16());
            }
        }

        #[inline]
        pub(in crate::tower) fn ended(&mut self, outcome: Outcome) {
            if let Some(heard) = &mut self.0 {
                heard.outcome.get_or_insert(outcome);
            }
        }

        /// Tells what became of the request.
        #[inline]
        pub(in crate::tower) fn tell<'a>(&mut self, what: impl FnOnce() -> What<'a>) {
            if let Some(heard) = self.0.take() {
                // In a destructor, where a panic of the subscriber's must stay.
                reporting(|| heard.tell(what()));
            }
        }
    }

    impl Heard {
        #[cold]
        fn tell(self, (method, route, path): What<'_>) {
            let elapsed_ms = self.started.elapsed().as_secs_f64() * 1e3;
            let outcome = match self.outcome.unwrap_or(Outcome::Dropped) {
                Outcome::Answered => "answered",
                Outcome::Panicked => "panicked",
                Outcome::Failed => "failed",
                Outcome::Dropped => "dropped",
            };
            tracing::debug!(
                target: TARGET,
                parent: &self.span,
                method,
                route,
                path,
                status = self.status,
                outcome,
                elapsed_ms,
                "request ended"
            );
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod unheard {
    use super::{Outcome, StatusCode, What};

    /// Nobody listens.
    #[derive(Debug)]
    pub(in crate::tower) struct Watch;

    #[allow(clippy::unused_self, reason = "the other one has something in it")]
    impl Watch {
        pub(in crate::tower) fn start<'a>(_: impl FnOnce() -> What<'a>) -> Self {
            Self
        }

        pub(in crate::tower) fn listens(&self) -> bool {
            false
        }

        pub(in crate::tower) fn enter(&self) {}

        pub(in crate::tower) fn answered(&mut self, _: StatusCode) {}

        pub(in crate::tower) fn ended(&mut self, _: Outcome) {}

        pub(in crate::tower) fn tell<'a>(&mut self, _: impl FnOnce() -> What<'a>) {}
    }
}
