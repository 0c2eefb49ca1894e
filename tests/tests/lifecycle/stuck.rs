//! What cannot be stopped is named, and does not keep the process.

use super::service::{Ended, Service, assert_names, place};

fn terminated(case: &str) -> Ended {
    let mut service = Service::start(case);
    service.says("ready");
    service.signal("TERM");
    service.ended()
}

#[test]
fn a_task_that_ignores_its_cancellation_is_left_behind() {
    let ended = terminated("spins");
    ended.expect(70);
    let spawned = place(
        "stuck.rs",
        "tokio::spawn(std::future::pending::<()>());\n        tokio::spawn(async",
    );
    let left = ended.reports_of("left behind: ");
    assert_eq!(left.len(), 1, "the other one was aborted: {ended:?}");
    // That of the first is on the line before.
    let (file, place) = spawned.split_once(':').unwrap();
    let (line, column) = place.split_once(':').unwrap();
    let site = format!("{file}:{}:{column}", line.parse::<u32>().unwrap() + 1);
    assert_names(left[0], "task", "service::stuck::spins::main", &site, "");
    let cancels = ended.reports_of("the grace of 100.0ms is over, 2 tasks cancelled: ");
    assert_eq!(cancels.len(), 1, "{ended:?}");
}

#[test]
fn a_task_that_blocks_the_only_thread_is_left_behind_with_the_main_function() {
    let ended = terminated("spins_alone");
    ended.expect(70);
    let left = ended.reports_of("left behind: task `service::stuck::spins_alone::main`");
    assert_eq!(left.len(), 2, "{ended:?}");
}

#[test]
fn a_second_signal_ends_a_process_whose_only_thread_is_blocked() {
    let mut service = Service::start("body_spins");
    service.says("ready");
    service.signal("TERM");
    // Two equal signals that come together are one.
    let told = service.complaint();
    assert!(told.starts_with("rejoin: SIGTERM: waiting"), "{told}");
    service.signal("TERM");
    service.ended().expect(143);
}

#[test]
fn a_blocking_task_and_a_thread_that_hang_are_named() {
    let ended = terminated("blocks");
    ended.expect(70);
    let mut left = ended.reports_of("left behind: ");
    left.sort_unstable();
    let [blocking, thread] = left[..] else {
        panic!("{ended:?}");
    };
    let end = ", cannot be aborted";
    let spawned = place("stuck.rs", "tokio::task::spawn_blocking");
    assert_names(blocking, "blocking", "shop", &spawned, end);
    let spawned = place("stuck.rs", "std::thread::spawn(");
    assert_names(thread, "thread", "shop", &spawned, end);
}

#[test]
fn a_group_in_a_task_of_somebody_else_is_named_and_ends_with_the_runtime() {
    let ended = terminated("open");
    ended.expect(75);
    assert_eq!(ended.stdout, "stream dropped\n");
    let cancels = ended.reports_of("the grace of 100.0ms is over, 1 task cancelled: ");
    assert_opened(cancels[0], "stream");
    assert_eq!(ended.reports().len(), 1, "{ended:?}");
}

#[test]
fn a_group_that_nobody_joins_is_named() {
    let ended = terminated("kept");
    ended.expect(70);
    let left = ended.reports_of("left behind: ");
    assert_opened(left[0], "mails");
    assert_eq!(left.len(), 1, "{ended:?}");
}

/// Whether a group is told, and where it was opened.
#[track_caller]
fn assert_opened(told: &str, name: &str) {
    let place = format!("group `{name}` opened at tests/src/bin/service/stuck.rs:");
    assert!(told.starts_with(&place), "{told}");
    assert!(told.ends_with("s ago, cannot be aborted"), "{told}");
}

#[test]
fn a_destructor_that_hangs_does_not_keep_the_process() {
    let ended = terminated("destructor");
    ended.expect(70);
    assert_eq!(ended.stdout, "ends\n");
    let reports = ended.reports();
    let [report] = reports[..] else {
        panic!("{ended:?}");
    };
    assert_eq!(
        report,
        "`shop` has ended, but for 3.0s its runtime has not: a destructor blocks it"
    );
}
