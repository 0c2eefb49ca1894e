//! In each edition a function with an attribute drops its values in the order of the bare one: the temporaries of its last
//! expression, its locals, and its parameters, whether the body mentions them or not.

mod log;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use log::{note, take, Noted};

type Reply = Result<u8, Box<dyn Error + Send + Sync>>;

/// A pair of which a parameter takes one half.
struct Pair(Noted, Noted);

fn pair() -> Pair {
    Pair(Noted("first"), Noted("second"))
}

fn noted() -> [Noted; 4] {
    [Noted("a"), Noted("b"), Noted("c"), Noted("d")]
}

/// Statements whose temporaries live as long as the edition says.
macro_rules! statements {
    ($used:ident) => {
        let _local = Noted("local");
        if let 0 = Noted("scrutinee").value() {
            note("then");
        } else {
            note("else");
        }
        $used.value();
    };
}

/// The functions of one module, under these attributes.
macro_rules! asynchronous {
    ([$($attr:tt)*]) => {
        $($attr)*
        pub(crate) async fn patterns(used: Noted, _: Noted, Pair(_first, _): Pair, _unused: Noted) -> Reply {
            tokio::task::yield_now().await;
            statements!(used);
            Ok(Noted("tail").value())
        }
        $($attr)*
        pub(crate) async fn mentioned(used: Noted, _unused: Noted) -> Reply {
            statements!(used);
            tokio::task::yield_now().await;
            Ok(Noted("tail").value())
        }
        $($attr)*
        pub(crate) async fn changed(mut used: Noted, _: Noted, _unused: Noted) -> Reply {
            used.0 = "changed";
            statements!(used);
            Ok(match Noted("tail").value() {
                0 => 1,
                value => value,
            })
        }
    };
}

macro_rules! synchronous {
    ([$($attr:tt)*]) => {
        $($attr)*
        pub(crate) fn plain(used: Noted, _: Noted, Pair(_first, _): Pair, _unused: Noted) -> Reply {
            statements!(used);
            Ok(Noted("tail").value())
        }
        $($attr)*
        pub(crate) fn plain_changed(mut used: Noted, _unused: Noted) -> Reply {
            used.0 = "changed";
            statements!(used);
            Ok(Noted("tail").value())
        }
        $($attr)*
        pub(crate) fn plain_mentioned(used: Noted, _unused: Noted) -> Reply {
            statements!(used);
            Ok(Noted("tail").value())
        }
        $($attr)*
        pub(crate) fn returned(used: Noted, _unused: Noted) -> impl Future<Output = Reply> {
            let _call = Noted("call");
            let value = Noted("before").value();
            async move {
                statements!(used);
                tokio::task::yield_now().await;
                Ok(Noted("tail").value() + value)
            }
        }
        #[cfg(all())]
        $($attr)*
        pub(crate) fn conditional(used: Noted, #[cfg(all())] _here: Noted, #[cfg(any())] _gone: Noted) -> Reply {
            statements!(used);
            Ok(Noted("tail").value())
        }
    };
}

macro_rules! boxed {
    ([$($attr:tt)*]) => {
        $($attr)*
        pub(crate) fn boxed(used: Noted, unused: Noted) -> Pin<Box<dyn Future<Output = Reply>>> {
            Box::pin(async move {
                let _unused = unused;
                statements!(used);
                tokio::task::yield_now().await;
                Ok(Noted("tail").value())
            })
        }

        pub(crate) struct Callee(pub(crate) Noted);

        #[async_trait]
        impl Call for Callee {
            $($attr)*
            async fn by_value(self: Box<Self>, used: Noted, mut last: Noted) -> Reply {
                last.0 = self.0.0;
                statements!(used);
                tokio::task::yield_now().await;
                Ok(Noted("tail").value())
            }
        }
    };
}

/// A module with all of them, and the orders in which they drop.
macro_rules! module {
    ($name:ident: $($form:ident)*; $attr:tt) => {
        mod $name {
            use super::*;

            $($form! { $attr })*
        }
    };
}

#[async_trait]
trait Call {
    async fn by_value(self: Box<Self>, used: Noted, last: Noted) -> Reply;
}

module!(bare: asynchronous synchronous boxed; []);
module!(guarded: asynchronous synchronous boxed; [#[rejoin::guarded]]);
module!(with_value: asynchronous synchronous boxed; [#[rejoin::guarded(or = Ok(0))]]);
module!(unwinding: asynchronous synchronous boxed; [#[rejoin::guarded(on_panic = "unwind")]]);
module!(grouped: asynchronous boxed; [#[rejoin::task_group]]);
module!(recovered: asynchronous boxed; [#[rejoin::task_group(on_panic = "recover", limit = 2)]]);
module!(checked: asynchronous synchronous boxed; [#[rejoin::must_join]]);
module!(must_use: asynchronous; [#[rejoin::guarded] #[must_use = "it may have failed"]]);
module!(instrumented: asynchronous; [#[tracing::instrument(skip_all)]]);
module!(below: asynchronous; [#[tracing::instrument(skip_all)] #[rejoin::guarded]]);
module!(group_below: asynchronous; [#[tracing::instrument(skip_all)] #[rejoin::task_group]]);

/// What each function of a module notes.
macro_rules! orders {
    ($name:ident asynchronous) => {{
        let [a, b, d, _] = noted();
        assert!($name::patterns(a, b, pair(), d).await.is_ok());
        let patterns = take();
        let [a, b, ..] = noted();
        drop($name::patterns(a, b, pair(), Noted("never polled")));
        let mut dropped = take();
        dropped.sort_unstable();
        let [a, b, c, _] = noted();
        assert!($name::mentioned(a, b).await.is_ok());
        let mentioned = take();
        let b = Noted("b");
        assert!($name::changed(Noted("a"), b, c).await.is_ok());
        [patterns, dropped, mentioned, take()]
    }};
    ($name:ident synchronous) => {{
        let [a, b, d, _] = noted();
        assert!($name::plain(a, b, pair(), d).is_ok());
        let plain = take();
        let [a, b, c, d] = noted();
        assert!($name::plain_changed(a, b).is_ok());
        assert!($name::plain_mentioned(c, d).is_ok());
        let others = take();
        let [a, b, c, d] = noted();
        assert!($name::returned(a, b).await.is_ok());
        let returned = take();
        assert!($name::conditional(c, d).is_ok());
        [plain, others, returned, take()]
    }};
    ($name:ident boxed) => {{
        let [a, b, c, d] = noted();
        assert!($name::boxed(a, b).await.is_ok());
        let boxed = take();
        let callee = Box::new($name::Callee(Noted("self")));
        assert!(callee.by_value(c, d).await.is_ok());
        [boxed, take()]
    }};
}

macro_rules! same {
    ($bare:ident, $form:ident: $($name:ident)*) => {
        let expected = orders!($bare $form);
        $(assert_eq!(orders!($name $form), expected, "{}", stringify!($name));)*
    };
}

#[tokio::test]
async fn asynchronous_functions_drop_as_bare_ones() {
    take();
    same!(bare, asynchronous: guarded with_value unwinding grouped recovered checked must_use);
    same!(instrumented, asynchronous: below group_below);
}

#[tokio::test]
async fn plain_functions_drop_as_bare_ones() {
    take();
    same!(bare, synchronous: guarded with_value unwinding checked);
}

#[tokio::test]
async fn boxed_functions_drop_as_bare_ones() {
    take();
    same!(bare, boxed: guarded with_value unwinding grouped recovered checked);
}

/// Functions whose parameters `#[instrument]` reads below ours. By itself it drops first what the body mentions; what ours
/// stands around drops as in the function without either.
mod read {
    use super::*;

    pub(crate) async fn bare(
        mut used: Noted,
        _: Noted,
        Pair(first, second): Pair,
        _unused: Noted,
    ) -> Reply {
        used.0 = second.0;
        note(first.0);
        statements!(used);
        Ok(Noted("tail").value())
    }
    #[rejoin::guarded]
    #[tracing::instrument(skip_all, fields(first = first.0))]
    pub(crate) async fn guarded(
        mut used: Noted,
        _: Noted,
        Pair(first, second): Pair,
        _unused: Noted,
    ) -> Reply {
        used.0 = second.0;
        note(first.0);
        statements!(used);
        Ok(Noted("tail").value())
    }
    #[rejoin::task_group]
    #[tracing::instrument(skip_all, fields(first = first.0))]
    pub(crate) async fn grouped(
        mut used: Noted,
        _: Noted,
        Pair(first, second): Pair,
        _unused: Noted,
    ) -> Reply {
        used.0 = second.0;
        note(first.0);
        statements!(used);
        Ok(Noted("tail").value())
    }
}

#[tokio::test]
async fn above_an_attribute_that_reads_them_parameters_drop_as_in_bare_functions() {
    take();
    let [a, b, d, _] = noted();
    assert!(read::bare(a, b, pair(), d).await.is_ok());
    let expected = take();
    let [a, b, d, _] = noted();
    assert!(read::guarded(a, b, pair(), d).await.is_ok());
    assert_eq!(take(), expected);
    let [a, b, d, _] = noted();
    assert!(read::grouped(a, b, pair(), d).await.is_ok());
    assert_eq!(take(), expected);
}

#[test]
fn the_body_of_main_drops_as_one_of_another_function() {
    let programs = [
        option_env!("CARGO_BIN_EXE_edition-2018"),
        option_env!("CARGO_BIN_EXE_edition-2021"),
        option_env!("CARGO_BIN_EXE_edition-2024"),
    ];
    let program = programs
        .iter()
        .copied()
        .flatten()
        .next()
        .expect("the package has a program");
    let output = std::process::Command::new(program)
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let (bare, main) = text.split_once("main\n").expect("both are noted");
    assert_eq!(bare, main);
    assert_eq!(bare.lines().count(), 7, "{bare}");
}
