//! A user's crate under the strictest lints: what our attributes emit is clean there, and holds no `unsafe`.
//!
//! `cargo test` checks the lints of rustc, `cargo clippy --tests` those of clippy.

#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unused_lifetimes,
    unused_import_braces,
    unused_macro_rules,
    single_use_lifetimes,
    redundant_lifetimes,
    explicit_outlives_requirements,
    elided_lifetimes_in_paths,
    let_underscore_drop,
    trivial_casts,
    trivial_numeric_casts,
    variant_size_differences,
    meta_variable_misuse,
    keyword_idents,
    macro_use_extern_crate,
    non_ascii_idents,
    absolute_paths_not_starting_with_crate,
    unsafe_op_in_unsafe_fn,
    unit_bindings,
    impl_trait_overcaptures,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    future_incompatible,
    nonstandard_style
)]
#![deny(
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::as_conversions,
    clippy::clone_on_ref_ptr,
    clippy::default_numeric_fallback,
    clippy::else_if_without_else,
    clippy::exit,
    clippy::expect_used,
    clippy::if_then_some_else_none,
    clippy::impl_trait_in_params,
    clippy::indexing_slicing,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::multiple_unsafe_ops_per_block,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::pattern_type_mismatch,
    clippy::pub_without_shorthand,
    clippy::ref_patterns,
    clippy::rest_pat_in_fully_bound_structs,
    clippy::same_name_method,
    clippy::semicolon_inside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::str_to_string,
    clippy::tests_outside_test_module,
    clippy::todo,
    clippy::unneeded_field_pattern,
    clippy::unreachable,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]
// The body is awaited inside one more future; a user who denies these has the same price.
#![allow(clippy::large_futures)]

use std::error;
use std::fmt::Display;
use std::future;
use std::num::ParseIntError;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tokio::sync::mpsc::Receiver;
use tokio::task::{self, JoinHandle, JoinSet};
use tokio_util::task::TaskTracker;

type Error = Box<dyn error::Error + Send + Sync>;
type Count = Arc<AtomicUsize>;

fn tick(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::SeqCst);
}

#[rejoin::guarded]
async fn recovers(text: &str) -> Result<u8, Error> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = text.parse()?;
    Ok(tokio::spawn(async move { number }).await?)
}

#[rejoin::guarded]
async fn unit(count: &Count) {
    let own = Arc::clone(count);
    tokio::spawn(async move { tick(&own) });
    tick(count);
}

#[rejoin::guarded]
fn plain(text: &str) -> Result<u8, Error> {
    Ok(text.parse()?)
}

#[rejoin::guarded(or = 7)]
async fn with_a_value(mut number: u8) -> u8 {
    number += 1;
    number
}

#[rejoin::guarded(on_panic = "unwind")]
fn spawns(count: &Count) -> JoinHandle<u8> {
    let own = Arc::clone(count);
    tokio::spawn(async move {
        tick(&own);
    });
    let own_too = Arc::clone(count);
    let _thread = thread::spawn(move || tick(&own_too));
    if count.load(Ordering::SeqCst) > 99 {
        task::spawn_blocking(|| 1)
    } else {
        task::spawn(async { 2 })
    }
}

#[rejoin::guarded(on_panic = "abort")]
async fn aborts() {
    task::yield_now().await;
}

#[rejoin::guarded(on_panic = "abort after 5 in 60s")]
async fn counts(text: &str) -> Result<u8, Error> {
    task::yield_now().await;
    Ok(text.parse()?)
}

#[rejoin::guarded(on_panic = "abort after 5 in 60s", or = |panic| panic.message().len())]
fn counts_a_value() -> usize {
    7
}

#[rejoin::guarded(on_panic = "unwind, shutdown")]
fn asks(text: &str) -> impl Future<Output = usize> + use<> {
    let length = text.len();
    async move { length }
}

#[rejoin::task_group(on_panic = "abort after 5 in 60s, abort if unjoined for 30s")]
async fn counts_tasks(count: Count) -> Result<(), Error> {
    tokio::spawn(async move { tick(&count) });
    Ok(())
}

#[rejoin::task_group]
async fn group(count: Count, _unused: &str) -> Result<u8, Error> {
    for _ in 0..2_u8 {
        let own = Arc::clone(&count);
        tokio::spawn(async move {
            tick(&own);
            "1".parse::<u8>()
        });
    }
    let own = Arc::clone(&count);
    task::spawn_blocking(move || tick(&own));
    let held = tokio::spawn(async { 3 });
    match held.await {
        Ok(number) => Ok(number),
        Err(error) => Err(error.into()),
    }
}

#[rejoin::task_group(
    limit = 2,
    deadline = "10s",
    grace = "10ms",
    warn_after = "1m",
    name = "limited"
)]
async fn limited(count: &Count) -> Result<(), LimitedError> {
    for _ in 0..4_u8 {
        let own = Arc::clone(count);
        tokio::spawn(async move { tick(&own) });
    }
    Ok(())
}

#[rejoin::task_group(on_failure = "collect")]
async fn collects(count: &Count) -> Result<u8, rejoin::Errors<Error>> {
    let own = Arc::clone(count);
    tokio::spawn(async move {
        tick(&own);
        Err::<(), Error>("one".into())
    });
    let number: u8 = "1".parse()?;
    Ok(number)
}

#[rejoin::task_group(on_failure = "isolate")]
async fn isolates(count: &Count) {
    let own = Arc::clone(count);
    tokio::spawn(async move {
        tick(&own);
        "x".parse::<u8>()
    });
}

#[rejoin::task_group]
async fn sets(tracker: &TaskTracker) -> Result<u8, Error> {
    let mut set = JoinSet::new();
    let _abort = set.spawn(async { 1 });
    set.spawn(future::ready(2));
    tracker.spawn(future::ready(()));
    let mut sum = 0;
    while let Some(number) = set.join_next().await {
        sum += number?;
    }
    Ok(sum)
}

/// An error that borrows what it is about.
#[derive(Debug)]
struct BadText<'a>(&'a str);

impl From<ParseIntError> for BadText<'_> {
    fn from(_: ParseIntError) -> Self {
        Self("")
    }
}

#[rejoin::task_group]
async fn borrows(text: &str, count: Count) -> Result<usize, BadText<'_>> {
    tokio::spawn(async move {
        tick(&count);
        "1".parse::<u8>()
    });
    if text.is_empty() {
        return Err(BadText(text));
    }
    Ok(text.len())
}

#[rejoin::task_group]
async fn patterns((one, mut two): (u8, u8), [.., three]: [u8; 4], _: String) -> impl Display {
    two += one;
    tokio::spawn(task::yield_now());
    let _ = tokio::spawn(task::yield_now());
    drop(tokio::spawn(task::yield_now()));
    let _unused = tokio::spawn(task::yield_now());
    if two > three {
        tokio::spawn(task::yield_now());
    } else {
        tokio::spawn(async {});
    }
    two + three
}

#[rejoin::guarded]
fn plain_patterns((one, two): (u8, u8), _: &str, mut list: Vec<u8>) -> Result<usize, Error> {
    list.push(one);
    list.push(two);
    Ok(list.len())
}

#[rejoin::guarded]
fn returns_a_future(number: u8) -> impl Future<Output = Result<u8, Error>> + Send {
    async move { Ok(tokio::spawn(async move { number }).await?) }
}

#[rejoin::guarded]
fn returns_a_boxed_future(number: u8) -> Pin<Box<dyn Future<Output = Result<u8, Error>> + Send>> {
    Box::pin(async move {
        if number == 0 {
            return Ok(0);
        }
        returns_a_boxed_future(number - 1).await
    })
}

#[rejoin::task_group]
async fn selects(mut receiver: Receiver<u8>) -> Option<u8> {
    loop {
        tokio::select! {
            biased;
            message = receiver.recv() => {
                tokio::spawn(task::yield_now());
                break message;
            }
            () = task::yield_now() => {
                tokio::spawn(task::yield_now());
            }
        }
    }
}

#[rejoin::task_group(on_panic = "recover")]
async fn recovers_as_a_group(number: u8) -> Result<u8, Error> {
    match number {
        0 => {
            tokio::spawn(task::yield_now());
        }
        _ => drop(tokio::spawn(task::yield_now())),
    }
    let closure = || {
        tokio::spawn(task::yield_now());
    };
    closure();
    Ok(number)
}

/// The error of `limited`.
#[derive(Debug)]
struct LimitedError;

impl From<rejoin::DeadlineExceeded> for LimitedError {
    fn from(_: rejoin::DeadlineExceeded) -> Self {
        Self
    }
}

impl From<rejoin::PanicError> for LimitedError {
    fn from(_: rejoin::PanicError) -> Self {
        Self
    }
}

/// A service, annotated as a whole.
#[derive(Debug)]
struct Service {
    count: Count,
}

#[rejoin::guarded]
impl Service {
    async fn call(&self, text: &str) -> usize {
        let own = Arc::clone(&self.count);
        tokio::spawn(async move { tick(&own) });
        task::yield_now().await;
        text.len()
    }

    #[must_use]
    const fn new(count: Count) -> Self {
        Self { count }
    }
}

#[async_trait::async_trait]
trait Boxed {
    async fn boxed(&self, text: &str) -> Result<usize, Error>;
}

#[async_trait::async_trait]
impl Boxed for Service {
    #[rejoin::guarded]
    async fn boxed(&self, text: &str) -> Result<usize, Error> {
        let own = Arc::clone(&self.count);
        tokio::spawn(async move { tick(&own) });
        Ok(text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::channel;

    #[tokio::test]
    async fn strict_code_runs() {
        let count = Count::default();
        assert_eq!(recovers("1").await.ok(), Some(1), "a number");
        assert_eq!(plain("2").ok(), Some(2), "a number");
        assert!(recovers("x").await.is_err(), "no number");
        unit(&count).await;
        assert_eq!(with_a_value(1).await, 2, "the value");
        assert_eq!(spawns(&count).await.ok(), Some(2), "the handle");
        aborts().await;
        assert_eq!(counts("3").await.ok(), Some(3), "a number");
        assert_eq!(counts_a_value(), 7, "the value");
        assert_eq!(asks("ab").await, 2, "a future");
        assert!(counts_tasks(Arc::clone(&count)).await.is_ok(), "the group");
        assert_eq!(
            group(Arc::clone(&count), "").await.ok(),
            Some(3),
            "the held task"
        );
        assert!(limited(&count).await.is_ok(), "the limit");
        assert!(collects(&count).await.is_err(), "the errors");
        isolates(&count).await;
        assert_eq!(sets(&TaskTracker::new()).await.ok(), Some(3), "the set");
        let service = Service::new(Arc::clone(&count));
        assert_eq!(service.call("ab").await, 2, "a method");
        assert_eq!(service.boxed("a").await.ok(), Some(1), "a boxed method");
        assert_eq!(
            borrows("ab", Arc::clone(&count)).await.ok(),
            Some(2),
            "a borrowed error"
        );
        let error = borrows("", Arc::clone(&count)).await.err();
        assert_eq!(
            error.map(|borrowed| borrowed.0),
            Some(""),
            "a borrowed error"
        );
        let three = patterns((1, 1), [0, 0, 0, 1], String::new()).await;
        assert_eq!(three.to_string(), "3", "patterns");
        assert_eq!(
            plain_patterns((1, 2), "", Vec::new()).ok(),
            Some(2),
            "patterns"
        );
        assert_eq!(returns_a_future(1).await.ok(), Some(1), "a future");
        assert_eq!(
            returns_a_boxed_future(1).await.ok(),
            Some(0),
            "a boxed future"
        );
        let (sender, receiver) = channel(1);
        assert!(sender.send(4).await.is_ok(), "a message");
        assert_eq!(selects(receiver).await, Some(4), "the message");
        assert_eq!(recovers_as_a_group(5).await.ok(), Some(5), "a number");
        while count.load(Ordering::SeqCst) < 17 {
            task::yield_now().await;
        }
    }
}
