//! Between the request and the end.

use super::service::{Service, assert_names, place};

fn second_signal(case: &str, first: &str, second: &str, code: i32) {
    let mut service = Service::start(case);
    service.says("ready");
    service.signal(first);
    service.says("draining");
    service.signal(second);
    let ended = service.ended();
    ended.expect(code);
    assert_eq!(ended.reports_of("left behind"), <[&str; 0]>::default());
}

#[test]
fn a_second_sigterm_exits_at_once() {
    second_signal("pending", "TERM", "TERM", 143);
}

#[test]
fn a_second_sigint_exits_at_once() {
    second_signal("pending", "INT", "INT", 130);
}

#[test]
fn two_different_signals_are_two() {
    second_signal("pending", "TERM", "INT", 130);
    second_signal("pending", "INT", "TERM", 143);
}

#[test]
fn who_waits_for_the_end_is_told_what_for() {
    let mut service = Service::start("pending");
    service.says("ready");
    service.signal("TERM");
    let told = service.complaint();
    let named = told.strip_prefix(
        "rejoin: SIGTERM: waiting up to 24.0s more for 1 task to end (SIGTERM again ends the process at once): ",
    );
    let spawned = place("drains.rs", "tokio::spawn(std::future::pending");
    let name = "service::drains::pending::main";
    assert_names(named.unwrap_or(&told), "task", name, &spawned, "");
    service.signal("TERM");
    service.ended().expect(143);
}

#[test]
fn the_first_signal_after_a_request_of_the_program_is_the_first() {
    let mut service = Service::start("returned");
    service.says("returns");
    service.says("draining");
    service.signal("TERM");
    service.open_gate();
    service.says("done");
    service.ended().expect(0);
}

#[test]
fn a_panic_during_the_drain_is_reported_and_stops_nothing() {
    let mut service = Service::start("panic");
    service.says("ready");
    service.signal("TERM");
    let ended = service.ended();
    ended.expect(0);
    assert_eq!(ended.stdout, "drained all the same\n");
    let spawned = place(
        "drains.rs",
        "tokio::spawn(async move {\n            let _panics",
    );
    let panicked = place("drains.rs", "panic!(\"half drained\")");
    assert_eq!(
        ended.reports(),
        [format!(
            "task `shop` (spawned at {spawned}) panicked at {panicked}: half drained"
        )]
    );
}

#[test]
fn the_program_can_ask_for_it() {
    let mut service = Service::start("asked");
    service.says("ready");
    service.open_gate();
    service.says("draining");
    let ended = service.ended();
    ended.expect(0);
    assert_eq!(ended.reports(), <[&str; 0]>::default());
}

#[test]
fn a_main_function_may_drain_by_hand() {
    let mut service = Service::start("by_hand");
    service.says("ready");
    service.open_gate();
    service.says("drained");
    service.says("0 left");
    service.ended().expect(0);
}

#[test]
fn a_read_of_standard_input_does_not_keep_the_process() {
    let mut service = Service::start("stdin");
    service.says("ready");
    service.signal("TERM");
    service.says("draining");
    service.ended().expect(0);
}

#[test]
fn reports_are_made_before_the_process_ends() {
    let ended = Service::start("reported").ended();
    ended.expect(0);
    let mut said: Vec<_> = ended.stdout.lines().collect();
    said.sort_unstable();
    assert_eq!(said, ["ends", "reported"]);
}

#[test]
fn reports_are_made_before_a_second_signal_ends_the_process() {
    let mut service = Service::start("reported_left");
    service.says("ready");
    service.signal("TERM");
    // The report may be there before.
    let mut said = vec![service.line()];
    while said.last().is_some_and(|said| said != "draining") {
        said.push(service.line());
    }
    service.signal("TERM");
    let ended = service.ended();
    ended.expect(143);
    said.extend(ended.stdout.lines().map(str::to_owned));
    assert!(said.iter().any(|said| said == "reported"), "{said:?}");
}

#[test]
fn a_subscriber_hears_of_the_stages() {
    let mut service = Service::start("events");
    service.says("ready");
    service.open_gate();
    let ended = service.ended();
    ended.expect(70);
    assert_eq!(ended.stderr, "", "who listens needs no lines");
    let spawned = place("drains.rs", "tokio::task::spawn_blocking");
    let [drains, cancels, left] = ended.stdout.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", ended.stdout);
    };
    let (_, drains) = drains.split_once("INFO rejoin: ").unwrap();
    let (drains, fields) = drains.split_once(" kind=\"drains\"").unwrap();
    assert_eq!(fields, " alive=1");
    let named =
        drains.strip_prefix("`shop` has returned: waiting up to 200.0ms more for 1 task to end: ");
    assert_names(
        named.unwrap_or(drains),
        "blocking",
        "shop",
        &spawned,
        ", cannot be aborted",
    );

    let (_, cancels) = cancels.split_once("WARN rejoin: ").unwrap();
    let (cancels, fields) = cancels.split_once(" kind=\"cancels\"").unwrap();
    assert_eq!(fields, " alive=1");
    let named = cancels.strip_prefix("the grace of 1.2s is over, 1 task cancelled: ");
    assert_names(
        named.unwrap_or(cancels),
        "blocking",
        "shop",
        &spawned,
        ", cannot be aborted",
    );

    let (_, left) = left.split_once("ERROR rejoin: ").unwrap();
    let (left, fields) = left.split_once(" kind=\"left\"").unwrap();
    let named = left.strip_prefix("left behind: ");
    assert_names(
        named.unwrap_or(left),
        "blocking",
        "shop",
        &spawned,
        ", cannot be aborted",
    );
    for field in [
        "task=\"shop\"",
        &format!("spawned_at={spawned}"),
        " age=",
        "task_kind=blocking",
        "can_abort=false",
    ] {
        assert!(fields.contains(field), "no {field:?} in {fields}");
    }
}
