//! The payload of a panic, made shareable.
//!
//! `PanicError` has to be `Sync` to be an error that people pass around, yet a payload is only
//! `Send`. The wrapper closes that gap:
//!
//! 1. Through a shared reference the payload is reached by [`Payload::downcast_ref`] alone,
//!    whose result is `Sync` by its bound. No `&dyn Any` leaves this module on that way, and
//!    telling the type reads the vtable, not the value.
//! 2. Everything else takes `&mut self` or `self`. That is the access of one thread at a time,
//!    for which `Send` is enough.
//!
//! Dropping it never unwinds: a destructor that panics is contained here, and what it panicked with
//! is forgotten, since that could do the same again.
#![allow(
    unsafe_code,
    reason = "`Sync` for a value that is not: argued in the module header, impossible without"
)]

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic was raised with. `None` only while [`Payload::into_inner`] runs.
pub(super) struct Payload(Option<Box<dyn Any + Send>>);

// SAFETY: by 1, a shared reference gives out nothing but `&T` with `T: Sync`; by 2, the rest is
// exclusive.
unsafe impl Sync for Payload {}

impl Payload {
    pub(super) fn new(payload: Box<dyn Any + Send>) -> Self {
        Self(Some(payload))
    }

    pub(super) fn downcast_ref<T: Any + Sync>(&self) -> Option<&T> {
        self.0.as_deref()?.downcast_ref()
    }

    pub(super) fn get_mut(&mut self) -> &mut (dyn Any + Send) {
        &mut **self.0.get_or_insert_with(|| Box::new(()))
    }

    pub(super) fn into_inner(mut self) -> Box<dyn Any + Send> {
        self.0.take().unwrap_or_else(|| Box::new(()))
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        if let Some(payload) = self.0.take() {
            discard(payload);
        }
    }
}

/// Runs code of a subscriber or a recorder. A panic of it goes no further; the hook has seen it, so that it is reported.
#[inline]
pub(crate) fn quietly<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).map_err(discard).ok()
}

/// Drops a payload whose destructor may panic.
pub(super) fn discard(payload: Box<dyn Any + Send>) {
    if let Err(nested) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(nested);
    }
}
