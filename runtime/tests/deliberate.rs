//! A deliberate abort passes everything of rejoin's, unreported, and is no failure.

mod seen;

use std::any::Any;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rejoin::{DeliberateAbort, FromPanic, PanicError, TaskGroup, abort_handler, catch, catch_sync};
use seen::Seen;
use tokio::task::JoinError;

fn is_deliberate(payload: &(dyn Any + Send)) -> bool {
    payload.is::<DeliberateAbort>()
}

#[track_caller]
fn assert_deliberate<T: std::fmt::Debug>(outcome: Result<T, JoinError>) {
    let payload = outcome.unwrap_err().into_panic();
    assert!(is_deliberate(&*payload));
}

/// What must never be made of it.
#[derive(Debug)]
struct Answer;

impl FromPanic for Answer {
    fn from_panic(panic: PanicError) -> Self {
        panic!("an answer was made of {panic}")
    }
}

#[rejoin::guarded]
async fn guarded() -> Answer {
    tokio::task::yield_now().await;
    abort_handler()
}

#[rejoin::guarded]
fn guarded_sync() -> Answer {
    abort_handler()
}

#[rejoin::guarded(or = |panic| panic!("an answer was made of {panic}"))]
async fn guarded_around() -> Answer {
    guarded().await
}

#[rejoin::guarded(on_panic = "abort")]
async fn aborting() {
    abort_handler()
}

#[tokio::test]
async fn a_guard_lets_it_pass() {
    let seen = Seen::of("");
    assert_deliberate(tokio::spawn(guarded()).await);
    assert_deliberate(tokio::spawn(guarded_around()).await);
    assert_deliberate(tokio::spawn(aborting()).await);
    let payload = catch_unwind(guarded_sync).unwrap_err();
    assert!(is_deliberate(&*payload));
    let told = seen.all();
    let told = told.iter().filter(|told| told.message() == "Box<dyn Any>");
    assert_eq!(told.count(), 0, "it is not reported");
}

#[tokio::test]
async fn catch_lets_it_pass() {
    assert_deliberate(
        tokio::spawn(catch(async { abort_handler() }))
            .await
            .map(drop),
    );
    let payload = catch_unwind(|| catch_sync(|| abort_handler())).unwrap_err();
    assert!(is_deliberate(&*payload));
}

#[test]
fn what_others_caught_before_it_is_still_reported() {
    let seen = Seen::of("caught before it");
    let payload = catch_unwind(|| {
        catch_sync(|| {
            let _ = catch_unwind(|| panic!("caught before it"));
            abort_handler()
        })
    });
    assert!(is_deliberate(&*payload.unwrap_err()));
    assert_eq!(seen.only().kind(), rejoin::PanicKind::Caught);
}

/// Counts the tasks that have ended.
struct Ends(Arc<AtomicUsize>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[rejoin::task_group]
async fn group_whose_body_aborts(ended: Arc<AtomicUsize>) -> Result<(), PanicError> {
    for _ in 0..3 {
        let ends = Ends(Arc::clone(&ended));
        tokio::spawn(async move {
            let _ends = ends;
            pending::<()>().await;
        });
    }
    tokio::task::yield_now().await;
    abort_handler()
}

#[tokio::test]
async fn a_group_joins_its_tasks_before_it_goes_on() {
    let ended = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&ended);
    let outer = async move {
        let group = catch(group_whose_body_aborts(Arc::clone(&own)));
        let mut group = std::pin::pin!(group);
        std::future::poll_fn(move |cx| {
            let polled = catch_unwind(AssertUnwindSafe(|| group.as_mut().poll(cx)));
            match polled {
                Ok(polled) => polled.map(|_| panic!("it went no further than the group")),
                Err(payload) => {
                    assert_eq!(own.load(Ordering::SeqCst), 3, "all were joined");
                    std::task::Poll::Ready(payload)
                }
            }
        })
        .await
    };
    let payload = outer.await;
    assert!(is_deliberate(&*payload));
    assert_eq!(ended.load(Ordering::SeqCst), 3);
}

#[rejoin::task_group(on_panic = "recover")]
async fn recovering_group() -> Result<(), PanicError> {
    abort_handler()
}

#[rejoin::task_group(on_failure = "collect")]
async fn collecting_group() -> Result<(), rejoin::Errors<PanicError>> {
    tokio::spawn(async { panic!("collected beside it") });
    tokio::task::yield_now().await;
    abort_handler()
}

#[tokio::test]
async fn groups_of_every_kind_let_it_pass() {
    assert_deliberate(tokio::spawn(recovering_group()).await);
    let seen = Seen::of("collected beside it");
    assert_deliberate(tokio::spawn(collecting_group()).await);
    seen.only();
}

#[rejoin::task_group]
async fn group_with_a_child_that_aborts(others: Arc<AtomicBool>) -> Result<u8, PanicError> {
    let (gone, waits) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(async move {
        let _gone = gone;
        abort_handler()
    });
    tokio::spawn(async move {
        // Its end is the end of the sender.
        assert!(waits.await.is_err());
        tokio::task::yield_now().await;
        others.store(true, Ordering::SeqCst);
    });
    Ok(7)
}

#[tokio::test]
async fn in_a_task_of_a_group_it_ends_that_task_alone() {
    let others = Arc::new(AtomicBool::new(false));
    let outcome = group_with_a_child_that_aborts(Arc::clone(&others)).await;
    assert_eq!(outcome.unwrap(), 7);
    assert!(others.load(Ordering::SeqCst));
}

#[tokio::test]
async fn who_holds_the_handle_has_it_and_can_pass_it_on() {
    let group = TaskGroup::<PanicError>::new();
    let task = group.spawn(async { abort_handler() });
    let blocking = rejoin::spawn_blocking(|| abort_handler());
    let error = task.await.unwrap_err();
    assert!(group.join().await.is_ok(), "it is no failure");
    assert_deliberate(blocking.await);
    let passed_on = catch_unwind(AssertUnwindSafe(|| {
        catch_sync(|| resume_unwind(error.into_panic()))
    }));
    assert!(is_deliberate(&*passed_on.unwrap_err()));
}

#[tokio::test]
async fn nothing_of_it_is_left() {
    for _ in 0..50 {
        let _ = tokio::spawn(guarded()).await;
        let _ = rejoin::spawn(async { abort_handler() }).await;
    }
    // The scope counts them until their futures are gone.
    let left = rejoin::root().live();
    let left = left
        .iter()
        .filter(|task| task.spawned_at().file() == file!());
    assert!(left.count() <= 3, "those of the other tests at most");
}

#[test]
fn it_does_not_push_out_what_is_known_of_panics() {
    let payload = catch_sync(|| panic!("remembered"))
        .unwrap_err()
        .into_payload();
    for _ in 0..300 {
        let _ = catch_unwind(|| catch_sync(|| abort_handler()));
    }
    let panic = catch_sync(|| resume_unwind(payload)).unwrap_err();
    assert!(panic.location().is_some());
}

#[tokio::test]
async fn a_shield_lets_it_pass() {
    let shielded = tokio::spawn(async { rejoin::shield(async { abort_handler() }).await });
    assert_deliberate(shielded.await);
}

#[test]
fn a_thread_ends_with_it() {
    #[rejoin::guarded]
    fn starts() -> Result<bool, PanicError> {
        let thread = std::thread::spawn(|| abort_handler());
        Ok(thread.join().is_err_and(|payload| is_deliberate(&*payload)))
    }
    assert!(starts().unwrap());
}

#[tokio::test]
async fn a_destructor_that_does_it_while_something_unwinds_ends_nothing() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            let _ = catch_unwind(|| catch_sync(|| abort_handler()));
        }
    }
    let task = rejoin::spawn(async {
        let _bomb = Bomb;
        panic!("first");
    });
    let panic = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
    assert_eq!(panic.message(), "first");
}
