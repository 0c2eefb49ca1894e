//! A policy that ends the process: it aborts, and what is known has been told. Each case is a process of its own.

mod child;

use std::future::pending;
use std::panic::catch_unwind;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use child::{NOTHING, block_on, child, hear, is_child, run};
use rejoin::{PanicError, PanicPolicy, TaskGroup, catch_sync, on_panic, set_panic_policy};

#[test]
fn the_first_panic_aborts() {
    let ended = child!(the_first_panic_aborts, NOTHING, || {
        hear();
        set_panic_policy(PanicPolicy::abort());
        block_on(async {
            let _ = rejoin::spawn(async { panic!("the end") }).await;
        });
        eprintln!("it goes on");
    });
    ended.aborted();
    let line = ended.line("rejoin: the process aborts (panic policy `abort`): ");
    assert!(line.contains("task `task` (spawned at runtime/tests/policy_aborts.rs:"));
    assert!(line.ends_with(": the end"), "{line}");
    // Std's own hook, the report, and the handler; then nothing.
    ended.line("rejoin: task `task` (spawned at");
    ended.line("heard: the end");
    assert!(ended.count("thread '") > 0, "{}", ended.stderr);
    assert_eq!(ended.count("it goes on"), 0);
}

#[test]
fn the_environment_can_say_so() {
    let ended = child!(
        the_environment_can_say_so,
        [("REJOIN_ON_PANIC", "abort")],
        || drop(catch_sync(|| panic!("the end")))
    );
    ended
        .aborted()
        .line("the process aborts (panic policy `abort`)");
}

#[test]
fn the_environment_has_the_last_word() {
    let ended = child!(
        the_environment_has_the_last_word,
        [("REJOIN_ON_PANIC", "recover")],
        || {
            set_panic_policy(PanicPolicy::abort());
            assert_eq!(PanicPolicy::current(), PanicPolicy::recover());
            assert_eq!(PanicPolicy::from_env(), Ok(Some(PanicPolicy::recover())));
            drop(catch_sync(|| panic!("survived")));
        }
    );
    ended.succeeded();
}

#[test]
fn an_empty_variable_says_nothing() {
    let ended = child!(
        an_empty_variable_says_nothing,
        [("REJOIN_ON_PANIC", " ")],
        || {
            assert_eq!(PanicPolicy::from_env(), Ok(None));
            set_panic_policy(PanicPolicy::shutdown());
            assert_eq!(PanicPolicy::current(), PanicPolicy::shutdown());
        }
    );
    ended.succeeded();
}

#[test]
fn a_bad_variable_is_told_at_first_use_and_ignored() {
    let ended = child!(
        a_bad_variable_is_told_at_first_use_and_ignored,
        [("REJOIN_ON_PANIC", "abrot")],
        || {
            let error = PanicPolicy::from_env().unwrap_err().to_string();
            assert!(error.starts_with("REJOIN_ON_PANIC=\"abrot\" is no panic policy: "));
            eprintln!("not used so far");
            let _ = catch_sync(|| "no panic");
            eprintln!("used");
            drop(catch_sync(|| panic!("survived")));
            assert_eq!(PanicPolicy::current(), PanicPolicy::recover());
        }
    );
    ended.succeeded();
    let told =
        ended.line("rejoin: REJOIN_ON_PANIC=\"abrot\" is no panic policy: it is one of `recover`");
    assert!(told.ends_with("; it is ignored"), "{told}");
    let place = |text| ended.stderr.find(text).unwrap();
    assert!(place("not used so far") < place(told));
    assert!(place(told) < place("\nused"));
}

#[test]
fn the_nth_within_the_window_aborts() {
    let ended = child!(
        the_nth_within_the_window_aborts,
        [("REJOIN_ON_PANIC", "abort after 3 in 1h")],
        || {
            hear();
            for n in 1..=5 {
                drop(catch_sync(|| panic!("panic {n}")));
                eprintln!("survived {n}");
            }
        }
    );
    ended.aborted();
    let line = ended.line("the process aborts (panic policy `abort after 3 in 3600s`): ");
    assert!(line.ends_with(": panic 3"), "{line}");
    for n in 1..=3 {
        ended.line(&format!("heard: panic {n}"));
    }
    ended.line("survived 1");
    ended.line("survived 2");
    assert_eq!(ended.count("survived 3"), 0);
    assert_eq!(ended.count("panic 4"), 0);
}

#[test]
fn every_way_to_panic_counts_once() {
    let ended = child!(
        every_way_to_panic_counts_once,
        [("REJOIN_ON_PANIC", "abort after 5 in 1h")],
        || {
            hear();
            block_on(async {
                // Through three of ours.
                let task = rejoin::spawn(async {
                    rejoin::catch(async { panic!("way 1") })
                        .await
                        .unwrap_or_else(|panic: PanicError| panic.resume())
                });
                let _ = task.await;
                let _ = tokio::spawn(async { panic!("way 2") }).await;
                let _ = thread::spawn(|| panic!("way 3")).join();
                catch_sync(|| drop(catch_unwind(|| panic!("way 4")))).unwrap();
                eprintln!("so far");
                let _ = catch_unwind(|| panic!("way 5"));
                // The reporter has it now.
                pending::<()>().await;
            });
        }
    );
    ended.aborted();
    let line = ended.line("the process aborts");
    assert!(line.contains("way "), "{line}");
    ended.line("so far");
    for n in 1..=5 {
        ended.line(&format!("heard: way {n}"));
    }
}

#[test]
fn the_hooks_of_others_are_let_finish() {
    let ended = child!(
        the_hooks_of_others_are_let_finish,
        [("REJOIN_ON_PANIC", "abort")],
        || {
            let (told, was_told) = mpsc::channel::<()>();
            let was_told = std::sync::Mutex::new(was_told);
            std::panic::set_hook(Box::new(move |_| {
                // While the handler runs, on the reporter's thread.
                was_told.lock().unwrap().recv().unwrap();
                eprintln!("the hook of others, to its end");
            }));
            on_panic(move |_| told.send(()).unwrap());
            let _ = thread::spawn(|| panic!("unowned")).join();
            // Nothing of ours is on this thread: it is the reporter that ends the process.
            loop {
                thread::park();
            }
        }
    );
    ended.aborted();
    ended.line("the hook of others, to its end");
    let line = ended.line("the process aborts");
    assert!(line.ends_with("(unowned): unowned"), "{line}");
}

#[test]
fn a_panic_of_the_main_thread_reaches_the_hooks_of_others() {
    let ended = child!(
        a_panic_of_the_main_thread_reaches_the_hooks_of_others,
        [("REJOIN_ON_PANIC", "abort")],
        || {
            let _ = catch_sync(|| "puts the hook in place");
            let main = thread::Builder::new().name("main".to_owned());
            let _ = main.spawn(|| panic!("in main")).unwrap().join();
            loop {
                thread::park();
            }
        }
    );
    ended.aborted();
    assert!(ended.count("thread 'main'") > 0, "{}", ended.stderr);
    ended.line("the process aborts");
}

#[test]
fn a_handler_that_hangs_does_not_keep_it_alive() {
    let ended = child!(
        a_handler_that_hangs_does_not_keep_it_alive,
        [("REJOIN_ON_PANIC", "abort")],
        || {
            on_panic(|_| {
                eprintln!("waits forever");
                loop {
                    thread::park();
                }
            });
            drop(catch_sync(|| panic!("the end")));
        }
    );
    ended.aborted().line("waits forever");
    ended.line("the process aborts");
}

#[test]
fn what_others_have_yet_to_tell_is_told_first() {
    const CASE: &str = "what_others_have_yet_to_tell_is_told_first";
    const LAST: &str = "REJOIN_TEST_LAST";
    if is_child() {
        struct Hangs(mpsc::Sender<()>);
        impl Drop for Hangs {
            fn drop(&mut self) {
                self.0.send(()).unwrap();
                loop {
                    thread::park();
                }
            }
        }
        hear();
        let (told, heard) = mpsc::channel();
        rejoin::on_panic(move |_| told.send(()).unwrap());
        let (hangs, unwinds) = mpsc::channel();
        thread::spawn(move || {
            let _ = catch_sync(|| {
                let _hangs = Hangs(hangs);
                panic!("still unwinding");
            });
        });
        unwinds.recv().unwrap();
        // The second to be told ends the process, on the thread that tells it.
        let in_a_frame = || drop(catch_sync(|| panic!("in a frame")));
        let unowned = || drop(catch_unwind(|| panic!("unowned")));
        if std::env::var(LAST).unwrap() == "frame" {
            unowned();
            heard.recv().unwrap();
            in_a_frame();
        } else {
            in_a_frame();
            unowned();
        }
        loop {
            thread::park();
        }
    }
    for last in ["frame", "reporter"] {
        let policy = ("REJOIN_ON_PANIC", "abort after 2 in 1h");
        let ended = run(CASE, &[policy, (LAST, last)]);
        ended.aborted();
        ended.line("heard: still unwinding");
        ended.line("heard: unowned");
        ended.line("heard: in a frame");
        ended.line("the process aborts");
    }
}

/// A handler on another thread has begun, and is not cut off.
#[test]
fn a_report_that_is_being_made_is_made_to_its_end() {
    let ended = child!(
        a_report_that_is_being_made_is_made_to_its_end,
        [("REJOIN_ON_PANIC", "abort after 2 in 1h")],
        || {
            let (begin, begun) = mpsc::channel();
            let (second, go_on) = mpsc::channel();
            let go_on = Mutex::new(go_on);
            rejoin::on_panic(move |report| {
                if report.message() == "the second" {
                    second.send(()).unwrap();
                } else {
                    begin.send(()).unwrap();
                    go_on.lock().unwrap().recv().unwrap();
                    // A process that does not wait for it ends meanwhile.
                    thread::sleep(Duration::from_millis(100));
                    eprintln!("at its end");
                }
            });
            thread::spawn(|| drop(catch_sync(|| panic!("the first"))));
            begun.recv().unwrap();
            drop(catch_sync(|| panic!("the second")));
        }
    );
    ended.aborted().line("at its end");
}

#[rejoin::guarded(on_panic = "abort", name = "ledger")]
async fn ledger() {
    panic!("the books are wrong")
}

#[test]
fn a_function_can_say_so_for_itself() {
    let ended = child!(
        a_function_can_say_so_for_itself,
        [("REJOIN_ON_PANIC", "recover")],
        || {
            hear();
            block_on(ledger());
        }
    );
    let line = ended
        .aborted()
        .line("the process aborts (`on_panic = \"abort\"` of `ledger`): ");
    assert!(
        line.contains("task `ledger` panicked") && line.ends_with(": the books are wrong"),
        "{line}"
    );
    ended.line("heard: the books are wrong");
}

#[test]
fn a_deliberate_abort_is_not_counted() {
    let ended = child!(
        a_deliberate_abort_is_not_counted,
        [("REJOIN_ON_PANIC", "abort")],
        || {
            hear();
            let ended = catch_unwind(|| catch_sync(|| rejoin::abort_handler()));
            assert!(ended.unwrap_err().is::<rejoin::DeliberateAbort>());
        }
    );
    assert_eq!(ended.succeeded().count("heard"), 0);
}

const SOON: Duration = Duration::from_millis(100);

#[rejoin::task_group(name = "import")]
async fn import() -> Result<(), PanicError> {
    let (runs, running) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        runs.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    tokio::spawn(async move {
        running.await.unwrap();
        panic!("no such table")
    });
    pending::<()>().await;
    Ok(())
}

#[test]
fn a_group_that_does_not_come_home_after_a_panic_aborts() {
    let ended = child!(
        a_group_that_does_not_come_home_after_a_panic_aborts,
        [("REJOIN_ON_PANIC", "recover, abort if unjoined for 100ms")],
        || drop(block_on(import()))
    );
    let line = ended.aborted().line(
        "the process aborts (panic policy `recover, abort if unjoined for 100ms`): \
         `import` has not been joined 100ms after task `import` panicked at ",
    );
    for part in [
        ": no such table; 1 task is still alive: blocking `import` spawned at runtime/tests/policy_aborts.rs:",
        " ago",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn a_group_whose_owner_never_joins_it_aborts() {
    let ended = child!(a_group_whose_owner_never_joins_it_aborts, NOTHING, || {
        set_panic_policy(PanicPolicy::recover().abort_if_unjoined(SOON));
        block_on(async {
            let group = TaskGroup::<PanicError>::builder().name("lost").open();
            group.launch(async { panic!("in a lost group") });
            // A deadlock: what it waits for would come after the join.
            pending::<()>().await;
            drop(group.join().await);
        });
    });
    let line = ended
        .aborted()
        .line("`lost` has not been joined 100ms after");
    assert!(
        line.ends_with(
            ": in a lost group; no task of it is alive, but its owner does not come to join it"
        ),
        "{line}"
    );
}
