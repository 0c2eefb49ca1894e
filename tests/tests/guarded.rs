//! `#[guarded]`: U1–U5.

mod common;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{listen, reports, wait_for_report};
use rejoin::{FromPanic, PanicError, guarded};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[guarded]
async fn unit(text: &str) {
    panic!("{text}");
}

#[guarded]
async fn boxed_error(text: &str) -> Result<u32, BoxError> {
    panic!("{text}");
}

#[tokio::test]
async fn a_panic_becomes_the_return_value() {
    listen();
    unit("unit value").await;
    assert_eq!(wait_for_report("unit value").get("kind"), "panic");
    let error = boxed_error("boxed value").await.unwrap_err();
    let panic = error.downcast_ref::<PanicError>().unwrap();
    assert_eq!(panic.message(), "boxed value");
    assert!(panic.location().unwrap().file().ends_with("guarded.rs"));
}

#[tokio::test]
async fn a_panic_is_reported_once_with_the_name_of_the_function() {
    listen();
    boxed_error("reported once").await.unwrap_err();
    let reports = reports("reported once");
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!(reports[0].get("task"), "guarded::boxed_error");
}

#[guarded]
fn sync(divisor: u32) -> io::Result<u32> {
    Ok(100 / divisor)
}

#[test]
fn a_plain_function_is_guarded() {
    assert_eq!(sync(5).unwrap(), 20);
    let error = sync(0).unwrap_err();
    assert!(error.to_string().contains("divide by zero"), "{error}");
}

#[guarded(or = 7)]
async fn or_value() -> u32 {
    panic!("or value")
}

#[guarded(or = |panic| panic.message().to_owned())]
fn or_closure() -> String {
    panic!("or closure")
}

#[tokio::test]
async fn or_gives_the_value() {
    assert_eq!(or_value().await, 7);
    assert_eq!(or_closure(), "or closure");
}

struct Page(String);

impl FromPanic for Page {
    fn from_panic(panic: PanicError) -> Self {
        Self(format!("sorry: {}", panic.message()))
    }
}

#[guarded]
async fn own_type() -> Page {
    panic!("own type")
}

#[tokio::test]
async fn users_types_can_hold_a_panic() {
    assert_eq!(own_type().await.0, "sorry: own type");
}

#[guarded]
fn returned(fail_in_call: bool) -> impl Future<Output = io::Result<u32>> + Send {
    assert!(!fail_in_call, "in the call");
    async { panic!("in the future") }
}

#[guarded]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = io::Result<&'a str>> + Send + 'a>> {
    Box::pin(async move {
        assert!(text != "bad", "in the box");
        Ok(text)
    })
}

#[tokio::test]
async fn a_returned_future_is_guarded_and_not_only_the_call() {
    assert!(
        returned(true)
            .await
            .unwrap_err()
            .to_string()
            .contains("in the call")
    );
    assert!(
        returned(false)
            .await
            .unwrap_err()
            .to_string()
            .contains("in the future")
    );
    assert_eq!(boxed("good").await.unwrap(), "good");
    assert!(
        boxed("bad")
            .await
            .unwrap_err()
            .to_string()
            .contains("in the box")
    );
}

#[guarded]
async fn background(done: tokio::sync::oneshot::Receiver<()>) -> io::Result<()> {
    tokio::spawn(async move {
        let _ = done.await;
        panic!("background panic")
    });
    Ok(())
}

#[tokio::test]
async fn background_work_is_not_joined_but_tracked_and_reported() {
    listen();
    let (go, done) = tokio::sync::oneshot::channel();
    background(done).await.unwrap();
    let line = || {
        rejoin::root()
            .live()
            .into_iter()
            .find(|task| task.path().contains("background"))
    };
    let task = line().expect("tracked by the root");
    assert!(task.spawned_at().file().ends_with("guarded.rs"));
    go.send(()).unwrap();
    while line().is_some() {
        tokio::task::yield_now().await;
    }
    let report = wait_for_report("background panic");
    assert_eq!(report.get("task"), "guarded::background");
    assert!(report.get("spawned_at").contains("guarded.rs"));
}

#[guarded]
async fn background_error() -> io::Result<()> {
    tokio::spawn(async { Err::<(), _>(io::Error::other("background error")) });
    Ok(())
}

#[tokio::test]
async fn the_error_of_background_work_is_reported() {
    listen();
    background_error().await.unwrap();
    tokio::task::yield_now().await;
    let report = wait_for_report("background error");
    assert_eq!(report.get("kind"), "error");
}

#[rustfmt::skip]
mod place {
    #[rejoin::guarded(on_panic = "unwind")]
    pub(super) fn spawns() -> (u32, tokio::task::JoinHandle<()>) {
        let handle =
            tokio::spawn(std::future::pending());  (line!(), handle)
    }
}

#[tokio::test]
async fn the_spawn_site_is_the_line_and_column_of_the_users_spawn() {
    let (line, handle) = place::spawns();
    let live = rejoin::root().live();
    let task = live
        .iter()
        .find(|task| task.path().contains("place::spawns"))
        .unwrap();
    assert_eq!(task.spawned_at().line(), line);
    assert_eq!(task.spawned_at().column(), 13);
    handle.abort();
}

#[guarded(on_panic = "unwind", name = "mailer")]
fn named() -> tokio::task::JoinHandle<()> {
    tokio::spawn(std::future::pending())
}

#[tokio::test]
async fn a_name_names_the_tasks() {
    let handle = named();
    assert!(
        rejoin::root()
            .live()
            .iter()
            .any(|task| task.name() == "mailer")
    );
    handle.abort();
}

#[guarded(on_panic = "unwind")]
async fn unwinds() {
    panic!("unwinds")
}

#[tokio::test]
async fn unwind_lets_the_panic_through() {
    let error = tokio::spawn(unwinds()).await.unwrap_err();
    assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"unwinds"));
}

struct Counter(Arc<AtomicU32>);

#[guarded]
impl Counter {
    async fn add(&mut self) -> u32 {
        let count = Arc::clone(&self.0);
        tokio::spawn(async move { count.fetch_add(1, Ordering::SeqCst) })
            .await
            .unwrap()
    }

    fn fails(&self) {
        panic!("in an impl, after {}", self.0.load(Ordering::SeqCst))
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.0.fetch_add(100, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn on_an_impl_block_bare_means_unwind() {
    let count = Arc::new(AtomicU32::new(0));
    let mut counter = Counter(Arc::clone(&count));
    assert_eq!(counter.add().await, 0);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| counter.fails())).is_err());
    drop(counter);
    assert_eq!(count.load(Ordering::SeqCst), 101);
}

#[guarded(on_panic = "recover")]
mod recovering {
    pub(super) fn fails() {
        panic!("in a mod")
    }

    #[cfg(test)]
    mod tests {
        #[test]
        #[should_panic(expected = "a recovered test would turn green")]
        fn tests_are_left_alone() {
            panic!("a recovered test would turn green")
        }
    }
}

#[test]
fn a_mod_recovers_when_asked_to() {
    recovering::fails();
}

#[guarded]
async fn axum_status() -> axum::http::StatusCode {
    panic!("status")
}

#[guarded]
async fn axum_response() -> axum::response::Response {
    panic!("response")
}

#[guarded]
async fn axum_into(good: bool) -> impl axum::response::IntoResponse {
    assert!(good, "into response");
    [("x-good", "yes")]
}

#[tokio::test]
async fn http_answers_hold_a_panic() {
    use axum::response::IntoResponse;
    assert_eq!(axum_status().await, 500);
    let response = axum_response().await;
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(axum_into(true).await.into_response().status(), 200);
    assert_eq!(axum_into(false).await.into_response().status(), 500);
}

#[guarded]
async fn generic<T, const N: usize>(value: &T) -> io::Result<[T; N]>
where
    T: Default + Copy + Send + 'static,
{
    let value = *value;
    let other = tokio::spawn(async move { value }).await?;
    Ok([other; N])
}

#[tokio::test]
async fn generics_keep_working() {
    assert_eq!(generic::<u8, 2>(&3).await.unwrap(), [3, 3]);
}

/// U5: what a panic leaves behind a `&mut` is visible.
#[guarded]
fn half_done(list: &mut Vec<u32>) {
    list.push(1);
    assert!(list.is_empty(), "half done");
    list.push(2);
}

#[test]
fn state_behind_a_reference_stays_as_the_panic_left_it() {
    let mut list = Vec::new();
    half_done(&mut list);
    assert_eq!(list, [1]);
}
