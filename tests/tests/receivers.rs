//! Spawns by method: which receivers are known, what each keeps, and that any other call stays as it was.
#![forbid(unsafe_code)]

mod common;

use std::cell::RefCell;
use std::future::{Future, pending};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, RwLock};

use common::{listen, wait_for_report};
use rejoin::{Errors, PanicError, guarded, task_group};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Tells when it is dropped.
struct Ends(Option<oneshot::Sender<()>>);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.take().map(|ends| ends.send(()));
    }
}

fn ends() -> (Ends, oneshot::Receiver<()>) {
    let (send, receive) = oneshot::channel();
    (Ends(Some(send)), receive)
}

fn text(text: &str) -> Result<(), BoxError> {
    Err(text.into())
}

/// The texts of a group's errors, in alphabetical order.
async fn texts(group: impl Future<Output = Result<(), Errors<BoxError>>>) -> Vec<String> {
    let errors = group.await.unwrap_err();
    let mut texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    texts.sort_unstable();
    texts
}

#[task_group(on_failure = "collect")]
async fn into_what_keeps_no_outcomes(tracker: &TaskTracker) -> Result<(), Errors<BoxError>> {
    let handle = Handle::current();
    handle.spawn(async { text("handle") });
    handle.spawn_blocking(|| text("handle, blocking"));
    tracker.spawn(async { text("tracker") });
    tracker.spawn_blocking(|| text("tracker, blocking"));
    tracker.spawn_blocking_on(|| text("tracker, blocking, on"), &handle);
    tracker.spawn_blocking(|| ());
    Ok(())
}

#[tokio::test]
async fn the_errors_of_discarded_tasks_are_the_groups() {
    let tracker = TaskTracker::new();
    assert_eq!(
        texts(into_what_keeps_no_outcomes(&tracker)).await,
        [
            "handle",
            "handle, blocking",
            "tracker",
            "tracker, blocking",
            "tracker, blocking, on"
        ]
    );
    assert!(tracker.is_empty());
}

static ELSEWHERE: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

#[task_group(on_failure = "collect")]
async fn where_the_type_of_the_handle_is_needed(
    tracker: &TaskTracker,
    set: &LocalSet,
) -> Result<(), Errors<BoxError>> {
    let handle = Handle::current();
    let (_, one) = (handle.spawn(async { text("tuple") }), 1);
    if one == 1 {
        (handle).spawn_blocking(|| text("branch"))
    } else {
        handle.spawn_blocking(|| text("no branch"))
    };
    #[allow(clippy::let_underscore_future, reason = "a position with a type")]
    let _: tokio::task::JoinHandle<Result<(), BoxError>> = tracker.spawn(async { text("typed") });
    let _ = Some(set.spawn_local(async { text("local") }));
    let _ = Some(ELSEWHERE.spawn(async { text("elsewhere") }));
    Ok(())
}

#[tokio::test]
async fn a_discarded_task_is_the_groups_where_the_type_of_its_handle_is_needed_too() {
    let (tracker, set) = (TaskTracker::new(), LocalSet::new());
    let group = texts(where_the_type_of_the_handle_is_needed(&tracker, &set));
    let texts = ["branch", "elsewhere", "local", "tuple", "typed"];
    assert_eq!(set.run_until(group).await, texts);
}

#[guarded(on_panic = "unwind")]
fn outside_of_a_runtime() -> usize {
    let (_, number) = (ELSEWHERE.spawn(async { text("outside") }), 7);
    number
}

#[test]
fn a_task_for_another_runtime_needs_none_around() {
    assert_eq!(outside_of_a_runtime(), 7);
}

#[task_group(on_failure = "collect")]
async fn onto_a_local_set(
    set: &LocalSet,
    shared: Rc<RefCell<u32>>,
) -> Result<(), Errors<BoxError>> {
    let theirs = Rc::clone(&shared);
    set.spawn_local(async move {
        *theirs.borrow_mut() += 1;
        text("local")
    });
    let ours = set.spawn_local(async move { *shared.borrow() });
    set.run_until(async {
        assert_eq!(ours.await?, 1);
        Ok::<_, BoxError>(())
    })
    .await
}

#[tokio::test]
async fn a_local_set_is_known() {
    let shared = Rc::default();
    assert_eq!(
        texts(onto_a_local_set(&LocalSet::new(), shared)).await,
        ["local"]
    );
}

struct Service {
    runtime: Runtime,
    inner: Inner,
}

struct Inner {
    tracker: Arc<TaskTracker>,
    boxed: Box<TaskTracker>,
    handle: Rc<Handle>,
}

impl Service {
    #[task_group(on_failure = "collect")]
    async fn serve(&self) -> Result<(), Errors<BoxError>> {
        self.runtime.spawn(async { text("another runtime") });
        self.runtime.spawn_blocking(|| text("another pool"));
        self.inner.tracker.spawn(async { text("arc") });
        self.inner.boxed.spawn_blocking(|| text("box"));
        self.inner.handle.spawn(async { text("rc") });
        Ok(())
    }
}

#[test]
fn fields_and_pointers_are_looked_through_and_another_runtime_counts_in_the_callers_scope() {
    let here = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let service = Service {
        runtime: Runtime::new().unwrap(),
        inner: Inner {
            tracker: Arc::default(),
            boxed: Box::default(),
            handle: Rc::new(here.handle().clone()),
        },
    };
    assert_eq!(
        here.block_on(texts(service.serve())),
        ["another pool", "another runtime", "arc", "box", "rc"]
    );
}

#[task_group(on_failure = "collect")]
async fn behind_guards(
    std: &Mutex<TaskTracker>,
    read: &RwLock<TaskTracker>,
    tokio: Arc<tokio::sync::Mutex<TaskTracker>>,
    both: Arc<tokio::sync::RwLock<TaskTracker>>,
    cell: &RefCell<TaskTracker>,
) -> Result<(), Errors<BoxError>> {
    {
        let guard = std.lock().unwrap();
        guard.spawn(async { text("a") });
    }
    {
        let guard = read.read().unwrap();
        guard.spawn(async { text("b") });
    }
    {
        let guard = tokio.lock().await;
        guard.spawn(async { text("c") });
    }
    {
        let guard = both.clone().read_owned().await;
        guard.spawn(async { text("d") });
    }
    let guard = cell.borrow();
    guard.spawn_blocking(|| text("e"));
    Ok(())
}

#[tokio::test]
async fn guards_are_looked_through() {
    let (std, read, tokio, both, cell) = Default::default();
    let group = behind_guards(&std, &read, tokio, both, &cell);
    assert_eq!(texts(group).await, ["a", "b", "c", "d", "e"]);
}

#[task_group]
async fn set_in_a_statement(mut set: JoinSet<Result<u8, &'static str>>) -> Result<(), PanicError> {
    set.spawn(async { Err("of the set") });
    set.spawn_blocking(|| Err("of the set"));
    set.spawn_blocking(|| Ok(1));
    let mut outcomes = Vec::new();
    while let Some(outcome) = set.join_next().await {
        outcomes.push(outcome.unwrap());
    }
    outcomes.sort_unstable();
    assert_eq!(outcomes, [Ok(1), Err("of the set"), Err("of the set")]);
    Ok(())
}

#[tokio::test]
async fn a_set_keeps_the_outcomes_of_what_a_statement_puts_into_it() {
    set_in_a_statement(JoinSet::new()).await.unwrap();
}

#[task_group]
async fn waits(set: &mut JoinSet<()>, tracker: &TaskTracker, ended: [Ends; 4]) {
    let [a, b, c, d] = ended;
    let handle = Handle::current();
    set.spawn_blocking(move || drop(a));
    tracker.spawn_blocking(move || drop(b));
    handle.spawn_blocking(move || drop(c));
    handle.spawn(async move {
        tokio::task::yield_now().await;
        drop(d);
    });
}

#[tokio::test]
async fn the_group_waits_for_closures_too() {
    let (mut set, tracker) = (JoinSet::new(), TaskTracker::new());
    let (ends, mut ended): (Vec<_>, Vec<_>) = (0..4).map(|_| ends()).unzip();
    waits(&mut set, &tracker, ends.try_into().ok().unwrap()).await;
    for ended in &mut ended {
        assert_eq!(ended.try_recv(), Ok(()));
    }
}

#[task_group]
async fn cancels(handle: Handle, runtime: &Runtime, a: Ends, b: Ends) -> Result<(), BoxError> {
    let held = handle.spawn(async move {
        let _a = a;
        pending::<()>().await;
    });
    runtime.spawn(async move {
        let _b = b;
        pending::<()>().await;
    });
    assert!(!held.is_finished());
    handle.spawn(async { text("first") });
    held.await?;
    Ok(())
}

#[test]
fn a_failure_cancels_tasks_on_every_runtime() {
    let (here, there) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let ((a, mut a_ended), (b, mut b_ended)) = (ends(), ends());
    let error = here.block_on(cancels(here.handle().clone(), &there, a, b));
    assert_eq!(error.unwrap_err().to_string(), "first");
    assert_eq!((a_ended.try_recv(), b_ended.try_recv()), (Ok(()), Ok(())));
}

#[task_group(token = token.clone(), grace = "1h")]
async fn too_late(token: CancellationToken, set: &mut JoinSet<()>, runs: Arc<AtomicBool>) -> bool {
    token.cancel();
    rejoin::cancelled().await;
    set.spawn(async move { runs.store(true, Ordering::SeqCst) });
    let joined = set.join_next().await.unwrap();
    joined.is_err_and(|error| error.is_cancelled())
}

#[tokio::test]
async fn a_future_spawned_into_a_cancelled_group_is_never_polled() {
    let runs = Arc::default();
    let (token, set) = (CancellationToken::new(), &mut JoinSet::new());
    assert!(too_late(token, set, Arc::clone(&runs)).await);
    assert!(!runs.load(Ordering::SeqCst));
    assert_eq!(Arc::strong_count(&runs), 1, "it was dropped");
}

#[guarded]
async fn reports(tracker: &TaskTracker) {
    let handle = Handle::current();
    handle.spawn(async { text("of a handle nobody takes") });
    tracker.spawn_blocking(|| text("of a closure nobody takes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_nobody_takes_is_reported() {
    listen();
    reports(&TaskTracker::new()).await;
    let report = wait_for_report("of a handle nobody takes");
    assert!(report.get("path").ends_with("reports"));
    wait_for_report("of a closure nobody takes");
}

/// A false friend: it spawns nothing of tokio's, borrows temporaries, and gives back something else.
#[derive(Default)]
struct Pool {
    jobs: RefCell<Vec<String>>,
}

struct Job<'a>(&'a String);

struct Done(String);

impl Pool {
    fn spawn(&self, job: Job<'_>) -> Done {
        self.jobs.borrow_mut().push(job.0.clone());
        Done(job.0.clone())
    }
    fn spawn_blocking(&self, f: impl FnOnce() -> u8) -> u8 {
        self.jobs.borrow_mut().push("blocking".into());
        f()
    }
    fn spawn_on(&self, job: &str, copies: usize) -> usize {
        self.jobs.borrow_mut().push(job.into());
        job.len() * copies
    }
    #[task_group]
    async fn length(&self) -> usize {
        let n = 3;
        self.spawn(Job(&String::from("of self")));
        self.spawn_blocking(|| n);
        let spawn = || self.spawn(Job(&String::from("in a closure"))).0.len();
        spawn() + self.spawn(Job(&String::from("xy"))).0.len()
    }
}

#[task_group]
async fn false_friend(pool: &Pool) -> usize {
    let borrowed = 3;
    pool.spawn(Job(&String::from("statement")));
    let length = pool.spawn(Job(&String::from("x"))).0.len();
    let blocking = usize::from(pool.spawn_blocking(|| borrowed));
    let matched = match pool.spawn(Job(&String::from("matched"))).0.as_str() {
        "matched" => pool.spawn_on(&String::from("ab"), 2),
        _ => 0,
    };
    length + blocking + matched + pool.spawn(Job(&String::from("tail"))).0.len()
}

#[guarded(on_panic = "unwind")]
async fn guarded_false_friend(pool: &Pool) -> usize {
    pool.spawn(Job(&String::from("guarded")));
    pool.spawn(Job(&String::from("x"))).0.len()
}

#[tokio::test]
async fn any_other_receiver_keeps_its_call_with_its_temporaries() {
    let pool = Pool::default();
    assert_eq!(false_friend(&pool).await, 1 + 3 + 4 + 4);
    assert_eq!(pool.length().await, 12 + 2);
    assert_eq!(guarded_false_friend(&pool).await, 1);
    let jobs = pool.jobs.borrow();
    let expected = [
        "statement",
        "x",
        "blocking",
        "matched",
        "ab",
        "tail",
        "of self",
        "blocking",
        "in a closure",
        "xy",
        "guarded",
        "x",
    ];
    assert_eq!(*jobs, expected);
}
