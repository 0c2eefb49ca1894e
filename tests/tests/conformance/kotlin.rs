//! Kotlin: `coroutineScope` is a function under `#[task_group]`, and `supervisorScope` one that isolates; `launch` is a
//! discarded spawn, and `async` a held one; `NonCancellable` is a shield.

use std::sync::{Arc, Mutex};

use rejoin::{CancelCause, Cancelled, PanicError, TaskGroup};

use super::support::{BoxError, Place};

mod exceptions;
mod jobs;
mod parent;
mod scope;
mod shielding;
mod supervisor;

type Group = TaskGroup<BoxError>;

/// What has happened, in order.
#[derive(Clone, Default)]
struct Steps(Arc<Mutex<Vec<&'static str>>>);

impl Steps {
    fn take(&self, step: &'static str) {
        self.0.lock().unwrap().push(step);
    }

    fn all(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }

    /// Takes a step when it is dropped.
    fn at_the_end(&self, step: &'static str) -> LastStep {
        LastStep(self.clone(), step)
    }
}

struct LastStep(Steps, &'static str);

impl Drop for LastStep {
    fn drop(&mut self) {
        self.0.take(self.1);
    }
}

/// Holds something until it is stopped.
async fn hold<T>(held: T) {
    let _held = held;
    std::future::pending::<()>().await;
}

/// As [`hold`], for who is to be counted.
async fn alive(place: Place) {
    hold(place).await;
}

async fn fails(text: &'static str) -> Result<(), BoxError> {
    Err(text.into())
}

/// The error of a function that can say that it was cancelled.
#[derive(Debug, PartialEq)]
enum Stopped {
    Failed(String),
    Cancelled(CancelCause),
}

impl From<BoxError> for Stopped {
    fn from(error: BoxError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<PanicError> for Stopped {
    fn from(panic: PanicError) -> Self {
        Self::Failed(panic.message().to_owned())
    }
}

impl From<Cancelled> for Stopped {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled.cause().clone())
    }
}

fn failed(text: &str) -> Stopped {
    Stopped::Failed(text.to_owned())
}
