//! `TaskTracker` and `JoinSet` under the attributes: a set keeps what its tasks return, a tracker does not, so the outcome of
//! a task that a statement puts into one belongs to the group.

mod common;

use std::future::pending;
use std::io;
use std::sync::Arc;

use common::{listen, wait_for_report};
use rejoin::{Errors, PanicError, guarded, task_group};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

async fn fails(text: &'static str) -> io::Result<()> {
    Err(io::Error::other(text))
}

#[task_group]
async fn in_a_statement(tracker: TaskTracker, ended: mpsc::Sender<()>) -> io::Result<()> {
    tracker.spawn(async move {
        let _ended = ended;
        pending::<()>().await;
    });
    tracker.spawn(fails("lost before"));
    pending().await
}

#[tokio::test]
async fn an_error_fails_the_group_and_stops_the_others() {
    let (ended, mut end) = mpsc::channel(1);
    let tracker = TaskTracker::new();
    let error = in_a_statement(tracker.clone(), ended).await.unwrap_err();
    assert_eq!(error.to_string(), "lost before");
    assert_eq!(end.recv().await, None);
    assert!(tracker.is_empty());
}

#[task_group]
async fn with_a_panic(tracker: &TaskTracker) -> Result<(), PanicError> {
    tracker.spawn(async { panic!("nobody had the handle") });
    pending().await
}

#[tokio::test]
async fn a_panic_fails_the_group() {
    let panic = with_a_panic(&TaskTracker::new()).await.unwrap_err();
    assert_eq!(panic.message(), "nobody had the handle");
}

#[task_group(on_failure = "collect")]
async fn by_every_method(tracker: Arc<TaskTracker>) -> Result<(), Errors<io::Error>> {
    tracker.spawn(fails("spawn"));
    tracker.spawn_on(fails("spawn_on"), &Handle::current());
    tracker.spawn_local(fails("spawn_local"));
    tracker.spawn(async {
        std::fs::metadata("/nowhere/at/all").map_err(|_| io::Error::other("block"))?;
        Ok::<(), io::Error>(())
    });
    Ok(())
}

#[tokio::test]
async fn every_method_that_takes_a_future_is_known() {
    let local = tokio::task::LocalSet::new();
    let errors = local.run_until(by_every_method(Arc::default())).await;
    let errors = errors.unwrap_err();
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["spawn", "spawn_on", "spawn_local", "block"]);
}

#[task_group]
async fn held(tracker: &TaskTracker, set: &mut JoinSet<io::Result<()>>) -> io::Result<String> {
    let handle = tracker.spawn(fails("held"));
    set.spawn(fails("of the set"));
    set.spawn(async { Err(io::Error::other("of the set")) });
    let mut text = String::new();
    while let Some(joined) = set.join_next().await {
        text += &joined?.unwrap_err().to_string();
    }
    Ok(text + &handle.await?.unwrap_err().to_string())
}

#[tokio::test]
async fn what_is_held_is_not_the_groups() {
    let text = held(&TaskTracker::new(), &mut JoinSet::new()).await;
    assert_eq!(text.unwrap(), "of the setof the setheld");
}

#[guarded]
async fn in_the_background(tracker: TaskTracker) {
    tracker.spawn(fails("told by the tracker"));
}

#[tokio::test]
async fn an_error_in_the_background_is_reported() {
    listen();
    let tracker = TaskTracker::new();
    in_the_background(tracker.clone()).await;
    tracker.close();
    tracker.wait().await;
    let report = wait_for_report("told by the tracker");
    assert_eq!(report.get("kind"), "error");
    assert_eq!(report.get("task"), "trackers::in_the_background");
}

#[task_group]
async fn jumps(tracker: TaskTracker, numbers: [i32; 4]) -> io::Result<Vec<i32>> {
    let mut spawned = Vec::new();
    for number in numbers {
        spawned.push(number);
        tracker.spawn(match number {
            1 => continue,
            2 => break,
            3 => return Ok(Vec::new()),
            _ => std::future::ready(()),
        });
        spawned.push(10 + number);
    }
    Ok(spawned)
}

#[tokio::test]
async fn an_argument_leaves_the_loop_that_the_user_wrote() {
    let run = |numbers| jumps(TaskTracker::new(), numbers);
    assert_eq!(run([0, 1, 0, 2]).await.unwrap(), [0, 10, 1, 0, 10, 2]);
    assert!(run([0, 3, 0, 0]).await.unwrap().is_empty());
}

/// Spawns of somebody else's, with arguments that only the parameter tells the type of.
struct Stranger(Vec<u8>);

impl Stranger {
    fn spawn<F: Future<Output = Result<u8, String>>>(&mut self, future: F) {
        self.0.extend(futures::executor::block_on(future));
    }
}

struct Mailbox(Vec<String>);

impl Mailbox {
    fn spawn(&mut self, message: String) {
        self.0.push(message);
    }
}

#[task_group]
#[expect(
    clippy::default_trait_access,
    reason = "the parameter alone tells the type"
)]
async fn strangers(mut stranger: Stranger, mut mailbox: Mailbox) -> (Vec<u8>, Vec<String>) {
    stranger.spawn(async { Ok(1) });
    mailbox.spawn("a".into());
    mailbox.spawn(Default::default());
    (stranger.0, mailbox.0)
}

#[tokio::test]
async fn what_is_no_tracker_is_left_as_it_is() {
    let (numbers, messages) = strangers(Stranger(Vec::new()), Mailbox(Vec::new())).await;
    assert_eq!(numbers, [1]);
    assert_eq!(messages, ["a", ""]);
}
