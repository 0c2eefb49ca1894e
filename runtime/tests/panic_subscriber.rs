//! A subscriber that panics does not take anybody with it.
#![cfg(feature = "tracing")]

mod common;

use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::log::Log;
use rejoin::catch_sync;
use tracing::{Event, Metadata, Subscriber, span};

/// Panics at each event, after using the crate itself.
struct Broken(Log, Arc<AtomicUsize>);

impl Subscriber for Broken {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "rejoin"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.event(event);
        let inner = catch_sync(|| panic!("inside the subscriber")).unwrap_err();
        assert!(inner.location().is_some());
        panic!("the subscriber is broken");
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn a_subscriber_that_panics_is_contained_in_frames_and_in_the_reporter() {
    let (log, events) = (Log::default(), Arc::new(AtomicUsize::new(0)));
    tracing::subscriber::set_global_default(Broken(log.clone(), Arc::clone(&events))).unwrap();

    let panic = catch_sync(|| panic!("in a frame")).unwrap_err();
    assert_eq!(panic.message(), "in a frame");
    log.only("in a frame");

    // The reporter survives the first.
    for message in ["outside, first", "outside, second"] {
        let _ = catch_unwind(|| panic!("{message}"));
        log.wait_for_message(message);
    }
    assert_eq!(
        events.load(Ordering::SeqCst),
        3,
        "what panics in a report makes no report"
    );
}
