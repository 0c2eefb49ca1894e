//! What the demo says about panics.

use axum::http::StatusCode;
use rejoin_examples::client::Reply;
use rejoin_examples::demo::downstream;
use rejoin_examples::demo::log::{Line, Log};
use rejoin_examples::demo::scenario::{child, panic};
use rejoin_examples::demo::service::Service;
use rejoin_examples::gauge::Gauges;

/// One test, since the log is the process's.
#[tokio::test(flavor = "multi_thread")]
async fn panics_become_answers_and_reports() {
    let log = Log::keep();
    let mail_server = downstream::mail_server(&Gauges::default()).await.unwrap();
    let service = Service::start(mail_server).await.unwrap();

    a_panicking_handler_answers(&service, log).await;
    a_panicking_task_is_not_silent(&service, log).await;
}

async fn a_panicking_handler_answers(service: &Service, log: Log) {
    let seen = panic::measure(service, log).await;

    assert!(matches!(seen.without.http1, Reply::Nothing(_)));
    assert!(matches!(seen.without.http2, Reply::Nothing(_)));

    let failed = Some(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(seen.with.http1.status(), failed);
    assert!(seen.with.http1.closes());
    assert_eq!(seen.with.http2.status(), failed);
    assert!(!seen.with.http2.closes(), "the stream fails alone");
    assert_eq!(seen.with.neighbour.status(), Some(StatusCode::OK));
    assert_eq!(seen.with.next.status(), Some(StatusCode::OK));
    assert_eq!(reports(&seen.with.log), 2, "{:?}", seen.with.log);
    assert!(!seen.with.log.iter().any(unowned), "{:?}", seen.with.log);
}

async fn a_panicking_task_is_not_silent(service: &Service, log: Log) {
    let seen = child::measure(service, log).await;

    assert_eq!(seen.without.grouped.status(), Some(StatusCode::ACCEPTED));
    assert_eq!(seen.without.background.status(), Some(StatusCode::CREATED));
    assert_eq!(seen.without.reported(), 0);
    let mut of_others = seen.without.log.iter().filter(|line| line.is_report());
    assert!(of_others.all(unowned), "{:?}", seen.without.log);

    let failed = Some(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(seen.with.grouped.status(), failed);
    assert_eq!(seen.with.background.status(), Some(StatusCode::CREATED));
    assert_eq!(seen.with.reported(), 2, "{:?}", seen.with.log);
    assert_eq!(reports(&seen.with.log), 2, "each once: {:?}", seen.with.log);
}

fn reports(log: &[Line]) -> usize {
    log.iter().filter(|line| line.is_report()).count()
}

/// Rejoin reports panics of other code too, marked so and without a task's name.
fn unowned(line: &Line) -> bool {
    line.text().contains("unowned")
}
