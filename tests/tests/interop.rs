//! Our attributes together with those of the crates around us, in both orders.

#![allow(missing_docs)]

#[path = "interop/async_trait.rs"]
mod async_trait;
#[path = "interop/axum.rs"]
mod axum;
#[path = "interop/parameters.rs"]
mod parameters;
#[path = "interop/renamed.rs"]
mod renamed;
#[path = "interop/tokio.rs"]
mod tokio;
#[path = "interop/tracing.rs"]
mod tracing;

/// Whether a task whose name ends so is alive in the root scope: a raw spawn is in no scope.
fn is_tracked(name: &str) -> bool {
    rejoin::root()
        .live()
        .iter()
        .any(|task| task.name().ends_with(name))
}

/// An error as services have it.
#[derive(Debug)]
struct Failure(String);

impl From<rejoin::PanicError> for Failure {
    fn from(panic: rejoin::PanicError) -> Self {
        Self(panic.message().to_string())
    }
}

impl From<::tokio::task::JoinError> for Failure {
    fn from(error: ::tokio::task::JoinError) -> Self {
        Self(error.to_string())
    }
}
