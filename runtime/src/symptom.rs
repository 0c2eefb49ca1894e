//! Errors that only say that somebody was cancelled.
//!
//! A task that is being polled while its group is cancelled can see another one that was aborted, and end with the error of
//! that in a poll which began before the cancellation. Such an error is a symptom, and must not hide its cause.

use std::any::Any;
use std::error::Error;
use std::io;

use tokio::task::JoinError;

use crate::cancel::Cancelled;

/// What can be asked of an error whose type is about to be erased.
pub struct About<X> {
    pub(crate) describe: fn(&X) -> String,
    pub(crate) is_symptom: fn(&X) -> bool,
}

impl<X> Clone for About<X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for About<X> {}

impl<X: 'static> About<X> {
    /// Of any type: only those that are known by name are looked into.
    pub(crate) fn value(describe: fn(&X) -> String) -> Self {
        Self {
            describe,
            is_symptom: |error| is_known_symptom(error),
        }
    }
}

impl<X: Error + 'static> About<X> {
    /// Of an error, with its sources.
    pub(crate) fn error() -> Self {
        Self {
            describe: X::to_string,
            is_symptom: |error| is_symptom(error),
        }
    }
}

/// Those that hold an error, and are none or might not be seen to be one.
fn is_known_symptom(error: &dyn Any) -> bool {
    let join = error.downcast_ref().is_some_and(JoinError::is_cancelled);
    if join || error.is::<Cancelled>() {
        return true;
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return is_symptom(error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return is_symptom(&**error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send>>() {
        return is_symptom(&**error);
    }
    #[cfg(feature = "anyhow")]
    if let Some(error) = error.downcast_ref::<anyhow::Error>() {
        return is_symptom(&**error);
    }
    false
}

/// Whether an error, or one of its sources, is that a task or a group was cancelled.
fn is_symptom(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let join = error.downcast_ref().is_some_and(JoinError::is_cancelled);
        if join || error.is::<Cancelled>() {
            return true;
        }
        // Its source would be the source of what is in it.
        let inside = error.downcast_ref().and_then(io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::cancel::CancelCause;

    #[derive(Debug)]
    struct Outer(Box<dyn Error + Send + Sync>);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&*self.0)
        }
    }

    async fn aborted() -> JoinError {
        let task = tokio::spawn(std::future::pending::<()>());
        task.abort();
        task.await.unwrap_err()
    }

    fn is<X: 'static>(error: &X) -> bool {
        (About::value(|_| String::new()).is_symptom)(error)
    }

    #[tokio::test]
    async fn a_cancellation_is_seen_through_what_holds_it() {
        assert!(is(&aborted().await));
        assert!(is(&Cancelled::new(CancelCause::Token)));
        assert!(is(&io::Error::other(aborted().await)));
        assert!(is(&Box::<dyn Error + Send + Sync>::from(aborted().await)));
        let boxed: Box<dyn Error + Send> = Box::new(io::Error::other(aborted().await));
        assert!(is(&boxed));
        let outer = Outer(Box::new(io::Error::other(Outer(aborted().await.into()))));
        assert!((About::error().is_symptom)(&outer));
        #[cfg(feature = "anyhow")]
        assert!(is(&anyhow::Error::new(outer).context("more")));
    }

    #[tokio::test]
    async fn other_errors_are_none() {
        let panicked = tokio::spawn(async { std::panic::resume_unwind(Box::new(())) });
        let panicked: JoinError = panicked.await.unwrap_err();
        assert!(!is(&panicked));
        assert!(!is(&"an error"));
        assert!(!is(&io::Error::from(io::ErrorKind::NotFound)));
        assert!(!(About::error().is_symptom)(&Outer("text".into())));
    }
}
