//! What the demo says about a limit. Alone in its process: the memory is the whole process's.

use rejoin_examples::demo::downstream;
use rejoin_examples::demo::scenario::limit::{self, PICTURES};
use rejoin_examples::demo::service::Service;
use rejoin_examples::demo::shop::PICTURE;
use rejoin_examples::gauge::Gauges;

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_bounds_the_tasks_and_the_memory() {
    let mail_server = downstream::mail_server(&Gauges::default()).await.unwrap();
    let service = Service::start(mail_server).await.unwrap();
    let seen = limit::measure(&service).await;

    assert!(seen.without.at_once > 8);
    assert!(seen.without.memory > 8 * PICTURE);

    assert_eq!(seen.with.at_once, 8, "as many as allowed, and never more");
    assert_eq!(seen.with.done_by_then, PICTURES);
    assert!(
        seen.with.memory < 24 * PICTURE,
        "{} bytes for 8 pictures at once",
        seen.with.memory
    );
}
