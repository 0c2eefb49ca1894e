//! What the demo says about tasks that outlive their request, and about how many there are.

use axum::http::StatusCode;
use rejoin_examples::demo::downstream::{self, FAILS_AFTER, SLOW, SOURCES};
use rejoin_examples::demo::scenario::{fan_out, hang_up};
use rejoin_examples::demo::service::Service;
use rejoin_examples::gauge::Gauges;

async fn service() -> Service {
    let mails = Gauges::default();
    let mail_server = downstream::mail_server(&mails).await.unwrap();
    Service::start(mail_server).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fan_out_that_fails_answers_at_once_and_leaves_no_request_running() {
    let seen = fan_out::measure(&service().await).await;
    let failed = Some(StatusCode::BAD_GATEWAY);
    let others = SOURCES.len() - 1;

    let joined = &seen.without.joined;
    assert_eq!(joined.reply.status(), failed);
    assert_eq!(joined.leftover.running, others);
    let collected = &seen.without.collected;
    assert_eq!(collected.reply.status(), Some(StatusCode::OK));
    assert_eq!(collected.reply.body().lines().count(), others);
    assert!(collected.took >= SLOW);

    for shape in [&seen.with.joined, &seen.with.collected] {
        assert_eq!(shape.reply.status(), failed);
        assert!(shape.took >= FAILS_AFTER);
        assert!(shape.took < SLOW / 2, "{:?}", shape.took);
        assert_eq!(shape.leftover.running, 0);
        assert!(shape.leftover.gone_after < SLOW / 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_takes_its_tasks_along() {
    let seen = hang_up::measure(&service().await).await;

    assert_eq!(seen.without.started, SOURCES.len());
    assert_eq!(seen.without.tasks.running, SOURCES.len());
    assert_eq!(seen.without.requests.running, SOURCES.len());

    assert_eq!(seen.with.started, SOURCES.len());
    assert_eq!(seen.with.tasks.running, 0);
    assert_eq!(seen.with.requests.running, 0);
    assert!(seen.with.requests.gone_after < SLOW / 2);
}
