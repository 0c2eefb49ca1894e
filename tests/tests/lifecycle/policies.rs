//! What the panic policy of the environment makes of a service.

use super::service::Service;

#[test]
fn a_policy_that_cannot_be_read_starts_nothing() {
    let ended = Service::start_under("worker", "abort after lunch").ended();
    ended.expect(78);
    assert_eq!(ended.stdout, "");
    assert_eq!(
        ended.stderr,
        "rejoin: REJOIN_ON_PANIC=\"abort after lunch\" is no panic policy: write `abort after 5 in 60s`\n"
    );
}

#[test]
fn under_shutdown_a_worker_that_panics_drains_the_service() {
    let mut service = Service::start_under("worker", "shutdown");
    service.says("ready");
    service.open_gate();
    service.says("draining");
    let ended = service.ended();
    ended.expect(101);
    assert_eq!(ended.reports_of("task `worker` ").len(), 1, "{ended:?}");
}

#[cfg(unix)]
#[test]
fn under_shutdown_a_worker_that_panics_during_the_drain_is_a_failure_too() {
    let mut service = Service::start_under("worker", "shutdown");
    service.says("ready");
    service.signal("TERM");
    service.says("draining");
    service.open_gate();
    service.ended().expect(101);
}

#[test]
fn under_recover_it_runs_on_without_its_worker() {
    let mut service = Service::start_under("worker", "recover");
    service.says("ready");
    service.open_gate();
    // Std's own hook, or the report: a blank line may come first.
    let told = service.complaint() + &service.complaint();
    assert!(told.contains("panicked at"), "{told}");
    service.signal("TERM");
    service.says("draining");
    service.ended().expect(0);
}

#[cfg(unix)]
#[test]
fn under_abort_it_ends_at_once() {
    let mut service = Service::start_under("worker", "abort");
    service.says("ready");
    service.open_gate();
    let ended = service.ended();
    assert_eq!((ended.code, &*ended.stdout), (None, ""), "{ended:?}");
    let why = ended.reports_of("the process aborts (panic policy `abort`): task `worker` ");
    assert_eq!(why.len(), 1, "{ended:?}");
}
