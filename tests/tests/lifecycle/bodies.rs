//! How a main function ends, and what that makes of the process.

use super::service::{Service, assert_names, place};

#[test]
fn work_that_outlives_the_body_is_waited_for() {
    let mut service = Service::start("returned");
    service.says("returns");
    service.says("draining");
    service.open_gate();
    let ended = service.ended();
    ended.expect(0);
    assert_eq!(ended.stdout, "done\n");
    assert_eq!(ended.reports_of("left behind"), <[&str; 0]>::default());
}

#[test]
fn an_error_is_printed_as_std_does_after_the_rest_was_drained() {
    let mut service = Service::start("err");
    service.says("draining");
    service.open_gate();
    let ended = service.ended();
    ended.expect(1);
    assert_eq!(ended.stdout, "done\n");
    assert!(ended.stderr.ends_with("Error: NoPort(80)\n"), "{ended:?}");
}

#[test]
fn an_error_goes_before_tasks_that_are_left() {
    let ended = Service::start("err_left").ended();
    ended.expect(1);
    assert_eq!(ended.reports_of("left behind: blocking").len(), 1);
    assert!(ended.stderr.ends_with("Error: \"no port\"\n"), "{ended:?}");
}

#[test]
fn a_panic_is_reported_at_once_and_leaves_the_main_function_after_the_drain() {
    let mut service = Service::start("panicked");
    service.says("draining");
    service.open_gate();
    let ended = service.ended();
    ended.expect(101);
    assert_eq!(ended.stdout, "done\n");
    let panicked = place("bodies.rs", "panic!(\"no port\")");
    let reports = ended.reports_of("task `shop` panicked at ");
    assert_eq!(reports, [format!("{panicked}: no port")], "{ended:?}");
    assert_eq!(ended.stderr.matches("panicked at").count(), 2, "{ended:?}");
}

#[test]
fn an_exit_code_is_kept() {
    for (case, code) in [("code", 3), ("opaque", 4), ("code_left", 42)] {
        Service::start(case).ended().expect(code);
    }
}

#[test]
fn a_body_that_looks_at_no_request_is_dropped_when_the_grace_is_over() {
    let mut service = Service::start("cut");
    service.says("ready");
    service.signal("TERM");
    let ended = service.ended();
    ended.expect(75);
    let mut said: Vec<_> = ended.stdout.lines().collect();
    said.sort_unstable();
    assert_eq!(said, ["body dropped", "task dropped"]);
    let cancels = ended.reports_of("the grace of 100.0ms is over, 2 tasks cancelled: ");
    let (body, task) = cancels[0].split_once("; ").unwrap();
    // The line and the column of the name, in a file with many of them.
    let (site, _) = body.split_once(", ").unwrap();
    let site = site.rsplit_once(' ').unwrap().1;
    assert!(
        site.starts_with("tests/src/bin/service/bodies.rs:"),
        "{site}"
    );
    assert_names(body, "task", "shop", site, "");
    let spawned = place(
        "bodies.rs",
        "tokio::spawn(async move {\n            let _task",
    );
    assert_names(task, "task", "shop", &spawned, "");
    assert_eq!(ended.reports().len(), 1, "{ended:?}");
}

#[test]
fn a_destructor_that_panics_while_the_body_is_dropped_is_a_panic_like_any_other() {
    let mut service = Service::start("bad_drop");
    service.says("ready");
    service.signal("TERM");
    let ended = service.ended();
    ended.expect(101);
    let reports = ended.reports_of("task `service::bodies::bad_drop::main` panicked at ");
    assert_eq!(reports.len(), 1, "{ended:?}");
    assert!(reports[0].ends_with(": in a destructor"), "{ended:?}");
}

#[test]
fn a_body_may_never_return() {
    let mut service = Service::start("never");
    service.says("ready");
    service.signal("INT");
    service.ended().expect(75);
}

#[test]
fn what_is_not_send_can_be_spawned_on_a_local_runtime() {
    let mut service = Service::start("local");
    service.says("42 42");
    service.says("drained 42");
    service.ended().expect(0);
}

#[test]
fn a_paused_clock_jumps_also_while_the_service_drains() {
    let mut service = Service::start("paused");
    service.says("later");
    service.says("later");
    service.ended().expect(0);
}

#[test]
fn it_returns_to_whoever_has_called_it() {
    let mut service = Service::start("called");
    service.says("it is called");
    service.open_gate();
    service.says("returned");
    service.says("goes on");
    service.signal("TERM");
    service.ended().expect(143);
}
