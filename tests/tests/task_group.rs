//! `#[task_group]`: G1–G13, by annotation.

mod common;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::{listen, wait_for_report};
use rejoin::{Errors, PanicError, task_group};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Says when it is dropped.
struct Loud(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Drop for Loud {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[task_group]
async fn drops_first(
    _unused: mpsc::Sender<()>,
    _: mpsc::Sender<()>,
    (_pair, _): (mpsc::Sender<()>, mpsc::Sender<()>),
    mut closed: mpsc::Receiver<()>,
    log: Arc<Mutex<Vec<&'static str>>>,
) {
    let _local = Loud("local", Arc::clone(&log));
    tokio::spawn(async move {
        // Ends only when every sender is gone: the arguments must be dropped before the group waits.
        assert!(closed.recv().await.is_none());
        log.lock().unwrap().push("child");
    });
}

#[tokio::test]
async fn locals_and_all_arguments_are_dropped_before_the_group_waits() {
    let (send, receive) = mpsc::channel(1);
    let log = Arc::default();
    drops_first(
        send.clone(),
        send.clone(),
        (send.clone(), send),
        receive,
        Arc::clone(&log),
    )
    .await;
    assert_eq!(*log.lock().unwrap(), ["local", "child"]);
}

#[task_group]
async fn ordered(_a: Loud, Loud { .. }: &Loud, _b: Loud) {
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn arguments_are_dropped_in_the_order_of_a_plain_function() {
    let log = Arc::default();
    let keep = Loud("keep", Arc::clone(&log));
    ordered(
        Loud("a", Arc::clone(&log)),
        &keep,
        Loud("b", Arc::clone(&log)),
    )
    .await;
    assert_eq!(*log.lock().unwrap(), ["b", "a"]);
}

#[task_group]
async fn grandchildren(count: Arc<AtomicUsize>) {
    let inner = Arc::clone(&count);
    tokio::spawn(async move {
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            inner.fetch_add(1, Ordering::SeqCst);
        });
    });
    helper(count);
}

/// A helper's spawn belongs to the group of its caller.
#[rejoin::guarded(on_panic = "unwind")]
fn helper(count: Arc<AtomicUsize>) {
    tokio::spawn(async move {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        count.fetch_add(1, Ordering::SeqCst);
    });
}

#[tokio::test]
async fn tasks_of_tasks_and_of_helpers_are_waited_for() {
    let count = Arc::new(AtomicUsize::new(0));
    grandchildren(Arc::clone(&count)).await;
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

async fn fails(text: &'static str) -> io::Result<()> {
    Err(io::Error::other(text))
}

#[task_group]
async fn held() -> Result<&'static str, BoxError> {
    let handle: JoinHandle<io::Result<()>> = tokio::spawn(fails("held"));
    assert!(handle.await?.is_err());
    Ok("went on")
}

#[tokio::test]
async fn the_outcome_of_a_held_task_goes_to_its_handle_alone() {
    assert_eq!(held().await.unwrap(), "went on");
}

#[task_group]
async fn discarded(sibling: Arc<Notify>) -> Result<(), BoxError> {
    let guard = tokio_util::sync::CancellationToken::new().drop_guard();
    tokio::spawn(async move {
        let _guard = guard;
        std::future::pending::<()>().await;
    });
    let _ = tokio::spawn(fails("discarded"));
    sibling.notified().await; // never comes: the body is cancelled as well
    Ok(())
}

#[tokio::test]
async fn a_discarded_error_cancels_siblings_and_body_and_is_returned() {
    let error = discarded(Arc::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "discarded");
}

#[derive(Debug, PartialEq)]
struct Borrowed<'a>(&'a str, String, std::rc::Rc<()>);

impl From<io::Error> for Borrowed<'_> {
    fn from(error: io::Error) -> Self {
        Self("borrowed", error.to_string(), std::rc::Rc::default())
    }
}

#[task_group]
async fn borrows(name: &str) -> Result<usize, Borrowed<'_>> {
    tokio::spawn(fails("not static"));
    tokio::spawn(async {
        tokio::spawn(fails("nested"));
    });
    std::future::pending::<()>().await;
    Ok(name.len())
}

#[tokio::test]
async fn the_error_type_need_be_neither_send_nor_static() {
    let name = String::from("name");
    assert_eq!(borrows(&name).await.unwrap_err().1, "not static");
}

#[task_group]
async fn nested_site() -> Result<(), BoxError> {
    let closure = |text| {
        tokio::spawn(async move {
            tokio::spawn(fails(text));
        });
    };
    closure("nested site");
    std::future::pending().await
}

#[tokio::test]
async fn a_spawn_in_a_nested_block_of_the_function_fails_the_group() {
    assert_eq!(nested_site().await.unwrap_err().to_string(), "nested site");
}

#[rejoin::guarded(on_panic = "unwind")]
fn helper_that_fails() {
    tokio::spawn(fails("of a helper"));
}

#[task_group]
async fn calls_helper() -> Result<u32, BoxError> {
    helper_that_fails();
    Ok(1)
}

#[tokio::test]
async fn the_error_of_a_helpers_spawn_is_reported_and_fails_nobody() {
    listen();
    assert_eq!(calls_helper().await.unwrap(), 1);
    assert_eq!(wait_for_report("of a helper").get("kind"), "error");
}

#[task_group]
async fn child_panics() -> Result<(), BoxError> {
    tokio::spawn(async { panic!("child as error") });
    std::future::pending().await
}

#[task_group]
async fn child_panics_unwinding() -> u32 {
    tokio::spawn(async { std::panic::panic_any(42_u64) });
    std::future::pending().await
}

#[tokio::test]
async fn a_childs_panic_is_an_error_or_goes_on_unwinding_with_its_payload() {
    let error = child_panics().await.unwrap_err();
    assert_eq!(
        error.downcast_ref::<PanicError>().unwrap().message(),
        "child as error"
    );
    let panic = tokio::spawn(child_panics_unwinding())
        .await
        .unwrap_err()
        .into_panic();
    assert_eq!(panic.downcast_ref::<u64>(), Some(&42));
}

#[task_group(on_panic = "recover")]
async fn recovers() -> Result<(), BoxError> {
    tokio::spawn(async { panic!("recovered child") });
    panic!("recovered body")
}

#[tokio::test]
async fn recover_is_guarded_outside() {
    assert!(
        recovers()
            .await
            .unwrap_err()
            .to_string()
            .contains("recovered")
    );
}

#[task_group(on_failure = "collect")]
async fn collects(body_fails: bool) -> Result<&'static str, Errors<BoxError>> {
    tokio::spawn(async {
        tokio::task::yield_now().await;
        fails("first").await
    });
    tokio::spawn(async { panic!("second") });
    tokio::spawn(fails("third"));
    if body_fails {
        fails("body").await?;
    }
    Ok("value")
}

#[tokio::test]
async fn collect_returns_every_failure_in_spawn_order_the_body_last() {
    let texts = |errors: Errors<BoxError>| -> Vec<String> {
        errors
            .into_iter()
            .map(|error| match error.downcast_ref::<PanicError>() {
                Some(panic) => panic.message().to_owned(),
                None => error.to_string(),
            })
            .collect()
    };
    assert_eq!(
        texts(collects(false).await.unwrap_err()),
        ["first", "second", "third"]
    );
    assert_eq!(
        texts(collects(true).await.unwrap_err()),
        ["first", "second", "third", "body"]
    );
}

#[task_group(on_failure = "isolate")]
async fn isolates() -> u32 {
    tokio::spawn(fails("isolated error"));
    tokio::spawn(async { panic!("isolated panic") });
    tokio::spawn(async { 1 }).await.unwrap()
}

#[tokio::test]
async fn isolate_reports_and_touches_nobody() {
    listen();
    assert_eq!(isolates().await, 1);
    assert_eq!(wait_for_report("isolated error").get("kind"), "error");
    assert_eq!(wait_for_report("isolated panic").get("kind"), "panic");
}

#[task_group]
async fn dropped_half_way(started: oneshot::Sender<()>, ended: mpsc::Sender<()>) {
    tokio::spawn(async move {
        let _ended = ended;
        let _ = started.send(());
        std::future::pending::<()>().await;
    });
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_group_that_is_dropped_cancels_its_tasks() {
    let (started, start) = oneshot::channel();
    let (ended, mut end) = mpsc::channel::<()>(1);
    tokio::select! {
        () = dropped_half_way(started, ended) => unreachable!(),
        _ = start => {}
    }
    assert!(end.recv().await.is_none());
}

struct Service(u32);

#[async_trait::async_trait]
trait Run {
    async fn run(&self, more: &str) -> Result<usize, BoxError>;
}

#[async_trait::async_trait]
impl Run for Service {
    #[task_group]
    async fn run(&self, more: &str) -> Result<usize, BoxError> {
        let count = Arc::new(AtomicUsize::new(more.len()));
        for _ in 0..self.0 {
            let count = Arc::clone(&count);
            tokio::spawn(async move { count.fetch_add(1, Ordering::SeqCst) });
        }
        tokio::spawn(async { Ok::<(), io::Error>(()) });
        while count.load(Ordering::SeqCst) < self.0 as usize + more.len() {
            tokio::task::yield_now().await;
        }
        Ok(count.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn the_boxed_form_of_async_trait_is_accepted() {
    assert_eq!(Service(3).run("ab").await.unwrap(), 5);
}

#[task_group]
async fn joinset(count: Arc<AtomicUsize>) -> usize {
    let mut set = tokio::task::JoinSet::new();
    for i in 0..3_usize {
        set.spawn(async move { i });
    }
    let tracker = tokio_util::task::TaskTracker::new();
    tracker.spawn(async move { count.fetch_add(1, Ordering::SeqCst) });
    let mut sum = 0;
    while let Some(i) = set.join_next().await {
        sum += i.unwrap();
    }
    sum
}

#[tokio::test]
async fn join_sets_and_trackers_keep_their_tasks_and_the_group_waits_for_them() {
    let count = Arc::new(AtomicUsize::new(0));
    assert_eq!(joinset(Arc::clone(&count)).await, 3);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
