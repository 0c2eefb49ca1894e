//! An error on its way from a discarded task to the function that takes it.
//!
//! The function's error type may be neither `Send` nor `'static`, so the task does not make it. The task carries its own
//! error with the type erased; the frame of the group, which knows the type of each of its spawns by a
//! [`Slot`](crate::slot::Slot), converts it where the function returns.

use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::io;
use std::marker::PhantomData;

use tokio::task::JoinError;

use crate::cause::Cancelled;

/// The text of an error whose type is about to be erased, and whether it only says that a task or a group was cancelled.
pub trait Describe<X>: 'static {
    /// The text of a report.
    fn describe(error: &X) -> String;
    /// Whether the error only says that a task or a group was cancelled.
    fn is_cancellation(error: &X) -> bool;
}

/// Describes an [`Error`], with its sources.
#[derive(Debug)]
pub enum ByError {}
/// Describes by [`Display`].
#[derive(Debug)]
pub enum ByDisplay {}
/// Describes by [`Debug`].
#[derive(Debug)]
pub enum ByDebug {}
/// Describes by the name of the type.
#[derive(Debug)]
pub enum ByType {}

impl<X: Error + 'static> Describe<X> for ByError {
    fn describe(error: &X) -> String {
        error.to_string()
    }
    fn is_cancellation(error: &X) -> bool {
        is_cancellation(error)
    }
}

impl<X: Display + 'static> Describe<X> for ByDisplay {
    fn describe(error: &X) -> String {
        error.to_string()
    }
    fn is_cancellation(error: &X) -> bool {
        is_known_cancellation(error)
    }
}

impl<X: Debug + 'static> Describe<X> for ByDebug {
    fn describe(error: &X) -> String {
        format!("{error:?}")
    }
    fn is_cancellation(error: &X) -> bool {
        is_known_cancellation(error)
    }
}

impl<X: 'static> Describe<X> for ByType {
    fn describe(_: &X) -> String {
        std::any::type_name::<X>().to_owned()
    }
    fn is_cancellation(error: &X) -> bool {
        is_known_cancellation(error)
    }
}

/// Whether a value is a cancellation, among the types that hold an error and are none, or might not be seen to be one.
fn is_known_cancellation(error: &dyn Any) -> bool {
    let join = error.downcast_ref().is_some_and(JoinError::is_cancelled);
    if join || error.is::<Cancelled>() {
        return true;
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return is_cancellation(error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return is_cancellation(&**error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send>>() {
        return is_cancellation(&**error);
    }
    #[cfg(feature = "anyhow")]
    if let Some(error) = error.downcast_ref::<anyhow::Error>() {
        return is_cancellation(&**error);
    }
    false
}

/// Whether an error, or one of its sources, is that a task or a group was cancelled.
///
/// A task that is being polled while its group is cancelled can see another one that was aborted, and end with the error of
/// that in a poll which began before the cancellation. Such an error must not hide its cause.
fn is_cancellation(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let join = error.downcast_ref().is_some_and(JoinError::is_cancelled);
        if join || error.is::<Cancelled>() {
            return true;
        }
        // Its source would be the source of the error inside.
        let inside = error.downcast_ref().and_then(io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    false
}

pub(crate) const UNSPEAKABLE: &str = "an error whose description panicked";

/// An error of any type, with its description.
pub struct ErasedError(Box<dyn Erased>);

trait Erased: Any + Send {
    fn describe(&self) -> String;
    fn is_cancellation(&self) -> bool;
    /// Puts what the error converts into in `into`, an `Option` of that type.
    fn convert(self: Box<Self>, into: &mut dyn Any) -> Result<(), Box<dyn Erased>>;
}

/// An error that the frame of a group converts.
struct Described<X, D> {
    error: X,
    by: PhantomData<fn() -> D>,
}

impl<X: Send + 'static, D: Describe<X>> Erased for Described<X, D> {
    fn describe(&self) -> String {
        D::describe(&self.error)
    }
    fn is_cancellation(&self) -> bool {
        D::is_cancellation(&self.error)
    }
    fn convert(self: Box<Self>, _: &mut dyn Any) -> Result<(), Box<dyn Erased>> {
        Err(self)
    }
}

/// An error of a task of an explicit group, which knows the `E` that it converts into.
struct Convertible<X, D, E> {
    error: X,
    by: PhantomData<fn() -> (D, E)>,
}

impl<X, D, E> Erased for Convertible<X, D, E>
where
    X: Send + 'static,
    D: Describe<X>,
    E: From<X> + 'static,
{
    fn describe(&self) -> String {
        D::describe(&self.error)
    }
    fn is_cancellation(&self) -> bool {
        D::is_cancellation(&self.error)
    }
    fn convert(self: Box<Self>, into: &mut dyn Any) -> Result<(), Box<dyn Erased>> {
        match into.downcast_mut::<Option<E>>() {
            Some(into) => {
                *into = Some(E::from(self.error));
                Ok(())
            }
            None => Err(self),
        }
    }
}

impl ErasedError {
    /// An error that is described as `D` does.
    #[must_use]
    pub fn new<X: Send + 'static, D: Describe<X>>(error: X) -> Self {
        let by = PhantomData::<fn() -> D>;
        Self(Box::new(Described { error, by }))
    }

    /// The text of an error that nobody takes.
    pub(crate) fn described<X, D: Describe<X>>(error: &X) -> Self {
        // The user's `Display` or `Debug` may panic; a report must not.
        let text = crate::panic::frame_holding(|| D::describe(error));
        Self::new::<String, ByDisplay>(text.unwrap_or_else(|_| UNSPEAKABLE.to_owned()))
    }

    /// An error that an explicit group takes as an `E`.
    pub(crate) fn into_be<X, D, E>(error: X) -> Self
    where
        X: Send + 'static,
        D: Describe<X>,
        E: From<X> + 'static,
    {
        let by = PhantomData::<fn() -> (D, E)>;
        Self(Box::new(Convertible { error, by }))
    }

    /// The error itself.
    ///
    /// # Errors
    ///
    /// Gives itself back when it is of another type, or described otherwise.
    pub fn downcast<X: 'static, D: Describe<X>>(self) -> Result<X, Self> {
        if (&*self.0 as &dyn Any).is::<Described<X, D>>() {
            let error: Box<dyn Any> = self.0;
            match error.downcast::<Described<X, D>>() {
                Ok(described) => return Ok(described.error),
                Err(_) => unreachable!("the type was just compared"),
            }
        }
        Err(self)
    }

    /// The error as an explicit group takes it.
    ///
    /// # Errors
    ///
    /// Gives itself back when it is none of an explicit group's, or of one with other errors.
    pub(crate) fn convert<E: 'static>(self) -> Result<E, Self> {
        let mut converted = None::<E>;
        let result = self.0.convert(&mut converted);
        match (result, converted) {
            (Err(error), _) => Err(Self(error)),
            (Ok(()), Some(error)) => Ok(error),
            (Ok(()), None) => unreachable!("a conversion that succeeds fills its place"),
        }
    }

    /// Whether it only says that a task or a group was cancelled.
    pub(crate) fn is_cancellation(&self) -> bool {
        // The user's `source` may panic.
        crate::panic::frame_holding(|| self.0.is_cancellation()).unwrap_or(false)
    }
}

impl Display for ErasedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The user's `Display` or `Debug` may panic; a report must not.
        let text = crate::panic::frame_holding(|| self.0.describe());
        f.write_str(text.as_deref().unwrap_or(UNSPEAKABLE))
    }
}

impl Debug for ErasedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErasedError({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::CancelCause;

    #[derive(Debug)]
    struct Outer(Box<dyn Error + Send + Sync>);

    impl Display for Outer {
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
        ByType::is_cancellation(error)
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
        assert!(ByError::is_cancellation(&outer));
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
        assert!(!ByError::is_cancellation(&Outer("text".into())));
    }

    #[test]
    fn an_error_is_described_as_its_route_says() {
        let texts = [
            ErasedError::new::<_, ByError>(io::Error::other("by error")).to_string(),
            ErasedError::new::<_, ByDisplay>("by display").to_string(),
            ErasedError::new::<_, ByDebug>("by debug").to_string(),
            ErasedError::new::<_, ByType>(7_u8).to_string(),
        ];
        assert_eq!(texts, ["by error", "by display", "\"by debug\"", "u8"]);
    }

    #[test]
    fn only_its_own_type_comes_out() {
        let error = ErasedError::new::<u8, ByDisplay>(7);
        let error = error.downcast::<u16, ByDisplay>().unwrap_err();
        let error = error.downcast::<u8, ByDebug>().unwrap_err();
        let error = error.convert::<u8>().unwrap_err();
        assert_eq!(error.downcast::<u8, ByDisplay>().unwrap(), 7);
    }

    #[test]
    fn an_explicit_group_takes_only_its_own_errors() {
        let error = ErasedError::into_be::<u8, ByDebug, u32>(7);
        let error = error.convert::<u64>().unwrap_err();
        let error = error.downcast::<u8, ByDebug>().unwrap_err();
        assert_eq!(error.to_string(), "7");
        assert_eq!(error.convert::<u32>().unwrap(), 7);
    }

    #[test]
    fn a_description_that_panics_is_contained() {
        struct Rude;
        impl Display for Rude {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                std::panic::resume_unwind(Box::new("bad"))
            }
        }
        assert_eq!(
            ErasedError::new::<_, ByDisplay>(Rude).to_string(),
            "an error whose description panicked"
        );
    }
}
