//! Every failure of a group that collects them.

use std::fmt;

use crate::cause::{Cancelled, DeadlineExceeded};
use crate::panic::PanicError;

/// Every failure of a group with `on_failure = "collect"`: those of its tasks in the order in which they were spawned,
/// then the body's. Never empty.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use rejoin::{OnFailure, TaskGroup};
///
/// let group = TaskGroup::<std::io::Error>::builder().on_failure(OnFailure::Collect).open();
/// for name in ["a", "b"] {
///     group.launch(async move { Err::<(), _>(std::io::Error::other(name)) });
/// }
/// let errors = group.join_all().await.unwrap_err();
/// assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a", "b"]);
/// assert_eq!(errors.to_string(), "2 errors: a; b");
/// # }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Errors<E>(Vec<E>);

impl<E> Errors<E> {
    pub(crate) fn new(errors: Vec<E>) -> Self {
        Self(errors)
    }

    /// The errors in order.
    pub fn iter(&self) -> std::slice::Iter<'_, E> {
        self.0.iter()
    }

    /// The first error in order.
    #[must_use]
    pub fn first(&self) -> Option<&E> {
        self.0.first()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Always `false` for what a group returns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<E> {
        self.0
    }
}

impl<E> IntoIterator for Errors<E> {
    type Item = E;
    type IntoIter = std::vec::IntoIter<E>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, E> IntoIterator for &'a Errors<E> {
    type Item = &'a E;
    type IntoIter = std::slice::Iter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<E: fmt::Display> fmt::Display for Errors<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            [only] => return only.fmt(f),
            all => write!(f, "{} errors", all.len())?,
        }
        for (i, error) in self.iter().enumerate() {
            write!(f, "{} {error}", if i == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl<E: std::error::Error + 'static> std::error::Error for Errors<E> {
    /// The first error.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.first().map(|error| error as _)
    }
}

impl<E: From<PanicError>> From<PanicError> for Errors<E> {
    fn from(panic: PanicError) -> Self {
        Self(vec![E::from(panic)])
    }
}

impl<E: From<Cancelled>> From<Cancelled> for Errors<E> {
    fn from(cancelled: Cancelled) -> Self {
        Self(vec![E::from(cancelled)])
    }
}

impl<E: From<DeadlineExceeded>> From<DeadlineExceeded> for Errors<E> {
    fn from(exceeded: DeadlineExceeded) -> Self {
        Self(vec![E::from(exceeded)])
    }
}
