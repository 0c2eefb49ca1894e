//! What a service keeps is dropped last, on every way out.

use super::service::{Ended, Service};

fn ended(case: &str) -> Ended {
    Service::start(case).ended()
}

/// The lines of its log that contain this.
fn logged(ended: &Ended, text: &str) -> usize {
    let lines = ended.stdout.lines();
    lines.filter(|line| line.contains(text)).count()
}

#[test]
fn the_drain_is_in_a_log_whose_guard_is_kept() {
    let ended = ended("keeps_cut");
    ended.expect(75);
    let cancels = "rejoin: the grace of 100.0ms is over, 1 task cancelled: task `shop` spawned at ";
    assert_eq!(logged(&ended, cancels), 1, "{ended:?}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn so_is_a_task_that_is_left_behind() {
    let ended = ended("keeps_left");
    ended.expect(70);
    let left = "rejoin: left behind: blocking `task` spawned at ";
    assert_eq!(logged(&ended, left), 1, "{ended:?}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn so_is_a_panic_of_the_main_function_and_what_drains_after_it() {
    let mut service = Service::start("keeps_panics");
    service.open_gate();
    let ended = service.ended();
    ended.expect(101);
    assert_eq!(logged(&ended, "no port"), 1, "{ended:?}");
    assert_eq!(logged(&ended, "drained"), 1, "{ended:?}");
}

#[test]
fn kept_values_are_dropped_after_everything_else_and_the_newest_first() {
    let mut service = Service::start("keeps_order");
    service.says("returns");
    service.says("a local dropped");
    service.open_gate();
    let ended = service.ended();
    ended.expect(0);
    let order = "a task dropped\nthird dropped\nsecond dropped\nfirst dropped\n";
    assert_eq!(ended.stdout, order);
}

#[test]
fn a_destructor_of_a_kept_value_that_panics_is_reported_and_changes_nothing_else() {
    let ended = ended("keeps_bomb");
    ended.expect(3);
    assert_eq!(ended.stdout, "third dropped\nfirst dropped\n");
    let reports = ended.reports_of("panicked at tests/src/bin/service/keeps.rs:");
    assert_eq!(reports.len(), 1, "{ended:?}");
    assert!(reports[0].ends_with(": a kept value"), "{ended:?}");
}

#[test]
fn a_value_that_a_destructor_keeps_is_dropped_as_well() {
    let ended = ended("keeps_nested");
    ended.expect(0);
    assert_eq!(ended.stdout, "kept late dropped\nfirst dropped\n");
}

#[test]
fn a_destructor_of_a_kept_value_that_blocks_does_not_keep_the_process() {
    let ended = ended("keeps_blocks");
    ended.expect(70);
    assert_eq!(ended.stdout, "second dropped\n");
    let held = ended.reports_of("`service::keeps::blocks::main` has ended, but for 3.0s ");
    assert_eq!(held.len(), 1, "{ended:?}");
}

#[test]
fn nor_where_a_task_is_left_behind() {
    let ended = ended("keeps_blocks_left");
    ended.expect(70);
    assert_eq!(ended.stdout, "second dropped\n");
    assert_eq!(ended.reports_of("left behind: blocking").len(), 1);
}

#[test]
fn a_second_signal_drops_nothing() {
    let mut service = Service::start("keeps_twice");
    service.says("ready");
    service.signal("TERM");
    service.says("draining");
    service.signal("TERM");
    let ended = service.ended();
    ended.expect(143);
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_program_that_calls_the_service_goes_on_after_they_were_dropped() {
    let ended = ended("keeps_called");
    ended.expect(0);
    assert_eq!(ended.stdout, "first dropped\ngoes on\n");
}

#[test]
fn without_the_attribute_they_are_never_dropped() {
    let ended = ended("keeps_without");
    ended.expect(0);
    assert_eq!(ended.stdout, "drained\n0 left\na local dropped\n");
}
