//! An error on its way from a discarded task to the function that takes it.
//!
//! The task knows the error's type `X` and, through the signature of the function that its spawn is written in, the
//! type `E` that `X` becomes. Neither can be named by the scope in between, and `E` may be neither `Send` nor
//! `'static`, so it must not be made before the function takes it. What travels is `X` in a box, and the function
//! that converts it, with its type erased.
//!
//! Invariants:
//!
//! 1. `Conversion::function` is a `fn(Box<dyn Any + Send>) -> E`, for the `E` whose identity is in `Conversion::to.error`.
//! 2. It is called only after [`ErrorType`] was found equal on both sides: the same `static` [`Function`], so the
//!    spawn is written in the function that opened the group, and the same `E` but for lifetimes.
//! 3. Lifetimes do not differ either: both sides name `E` by the tokens of one signature, in which the macro has given
//!    every elided lifetime a name, and rustc lets none be hidden in a path of an `async fn` (E0726). Where a future is
//!    returned in a box it would, and for explicit groups there are no tokens: there `E` must be `'static`.
#![allow(
    unsafe_code,
    reason = "one of the two files with `unsafe`; see the invariants"
)]

use std::any::{Any, TypeId};
use std::marker::PhantomData;

use crate::site::Site;
use crate::symptom::About;

/// The function that opened a group, by the address of a `static` in its body.
#[derive(Debug)]
pub struct Function {
    site: Site,
}

impl Function {
    /// The function at the place of the caller.
    #[track_caller]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            site: Site::new(name),
        }
    }

    pub(crate) const fn site(&'static self) -> &'static Site {
        &self.site
    }
}

/// The function that takes a group's errors, and the type it takes them as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorType {
    function: usize,
    error: TypeId,
}

impl ErrorType {
    pub(crate) fn of<E>(function: &'static Function) -> Self {
        Self {
            function: std::ptr::from_ref(function).addr(),
            error: type_id::<E>(),
        }
    }
}

/// The identity of a type but for its lifetimes.
fn type_id<T>() -> TypeId {
    trait Identity {
        fn identity(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T> Identity for PhantomData<T> {
        fn identity(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }

    let phantom = PhantomData::<T>;
    let short: &dyn Identity = &phantom;
    // SAFETY: only the lifetime bound of the trait object changes. The method it allows reads nothing through the
    // reference and returns a value without lifetimes, so nothing can outlive `phantom` or what `T` borrows.
    let long = unsafe { std::mem::transmute::<&dyn Identity, &(dyn Identity + 'static)>(short) };
    long.identity()
}

struct Conversion {
    to: ErrorType,
    function: *const (),
}

// SAFETY: the pointer is to a function, which is the same for every thread; what it makes stays on the thread that
// calls it.
unsafe impl Send for Conversion {}

/// An error with the way to describe it and the way to convert it.
pub struct Raised {
    error: Box<dyn Any + Send>,
    describe: fn(&(dyn Any + Send)) -> String,
    is_symptom: fn(&(dyn Any + Send)) -> bool,
    conversion: Option<Conversion>,
}

struct Holder<X> {
    error: X,
    about: About<X>,
}

fn describe<X: Send + 'static>(holder: &(dyn Any + Send)) -> String {
    holder
        .downcast_ref::<Holder<X>>()
        .map_or_else(String::new, |holder| (holder.about.describe)(&holder.error))
}

fn is_symptom<X: Send + 'static>(holder: &(dyn Any + Send)) -> bool {
    holder
        .downcast_ref::<Holder<X>>()
        .is_some_and(|holder| (holder.about.is_symptom)(&holder.error))
}

fn convert<X: Send + 'static, E: From<X>>(holder: Box<dyn Any + Send>) -> E {
    match holder.downcast::<Holder<X>>() {
        Ok(holder) => E::from(holder.error),
        Err(_) => unreachable!("the box was filled beside the choice of this function"),
    }
}

impl Raised {
    /// An error that nobody takes: it is reported.
    #[must_use]
    pub fn new<X: Send + 'static>(error: X, about: About<X>) -> Self {
        Self {
            error: Box::new(Holder { error, about }),
            describe: describe::<X>,
            is_symptom: is_symptom::<X>,
            conversion: None,
        }
    }

    /// An error that `function` takes as an `E`, if it is the one that opened the task's group; otherwise it is reported.
    #[must_use]
    pub fn to<X: Send + 'static, E: From<X>>(
        error: X,
        about: About<X>,
        function: &'static Function,
    ) -> Self {
        let conversion: fn(Box<dyn Any + Send>) -> E = convert::<X, E>;
        Self {
            conversion: Some(Conversion {
                to: ErrorType::of::<E>(function),
                function: conversion as *const (),
            }),
            ..Self::new(error, about)
        }
    }

    /// Whether a function that takes `error_type` takes this one.
    pub(crate) fn is_for(&self, error_type: Option<ErrorType>) -> bool {
        self.conversion
            .as_ref()
            .is_some_and(|conversion| Some(conversion.to) == error_type)
    }

    /// Whether it only says that somebody was cancelled.
    pub(crate) fn is_symptom(&self) -> bool {
        // The user's `source` may panic.
        crate::panic::frame_holding(|| (self.is_symptom)(&*self.error)).unwrap_or(false)
    }

    /// The error as `function` takes it.
    ///
    /// # Errors
    ///
    /// Gives itself back when it was not raised for `function` and `E`.
    pub(crate) fn into_error<E>(self, function: &'static Function) -> Result<E, Self> {
        match &self.conversion {
            Some(conversion) if conversion.to == ErrorType::of::<E>(function) => {
                // SAFETY: by invariant 1 this is what the pointer was made from; the comparison establishes 2, and 3
                // covers what the comparison cannot see.
                let convert = unsafe {
                    std::mem::transmute::<*const (), fn(Box<dyn Any + Send>) -> E>(
                        conversion.function,
                    )
                };
                Ok(convert(self.error))
            }
            _ => Err(self),
        }
    }
}

impl std::fmt::Display for Raised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The user's `Display` or `Debug` may panic; a report must not.
        let text = crate::panic::frame_holding(|| (self.describe)(&*self.error));
        f.write_str(
            text.as_deref()
                .unwrap_or("an error whose description panicked"),
        )
    }
}

impl std::fmt::Debug for Raised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raised({self})")
    }
}

#[cfg(test)]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a description takes a reference, whatever to"
)]
mod tests {
    use super::*;

    static HERE: Function = Function::new("here");
    static THERE: Function = Function::new("there");

    #[derive(Debug, PartialEq)]
    struct Borrowed<'a>(&'a str, u8);
    impl From<u8> for Borrowed<'_> {
        fn from(code: u8) -> Self {
            Self("code", code)
        }
    }

    fn text() -> About<u8> {
        About::value(u8::to_string)
    }

    #[test]
    fn an_error_is_converted_by_the_function_it_was_raised_for() {
        let raised = Raised::to::<u8, Borrowed<'_>>(7, text(), &HERE);
        assert_eq!(raised.to_string(), "7");
        assert_eq!(
            raised.into_error::<Borrowed<'_>>(&HERE).unwrap(),
            Borrowed("code", 7)
        );
    }

    #[test]
    fn another_function_or_another_type_does_not_get_it() {
        let raised = Raised::to::<u8, u32>(7, text(), &HERE);
        let raised = raised.into_error::<u32>(&THERE).unwrap_err();
        let raised = raised.into_error::<u64>(&HERE).unwrap_err();
        assert!(raised.is_for(Some(ErrorType::of::<u32>(&HERE))));
        assert!(!raised.is_for(Some(ErrorType::of::<u32>(&THERE))));
        assert!(!raised.is_for(None));
        assert_eq!(raised.into_error::<u32>(&HERE).unwrap(), 7);
    }

    #[test]
    fn a_description_that_panics_is_contained() {
        fn bad(_: &u8) -> String {
            std::panic::resume_unwind(Box::new("bad"))
        }
        assert_eq!(
            Raised::new(1, About::value(bad)).to_string(),
            "an error whose description panicked"
        );
    }
}
