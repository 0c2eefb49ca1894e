//! The first that a process does with rejoin is to serve a request. In a process of its own, since it has one root.
#![cfg(feature = "tower")]

mod seen;

use std::convert::Infallible;

use http::{Request, Response};
use rejoin::tower::GuardLayer;
use seen::Seen;
use tower::{Layer, ServiceExt, service_fn};

#[tokio::test]
async fn a_root_that_is_made_for_a_request_is_no_part_of_it() {
    let seen = Seen::of("in the background");
    let service = service_fn(|request: Request<()>| async move {
        let path = request.uri().path().to_owned();
        rejoin::spawn(async move { panic!("in the background of {path}") });
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    for path in ["/first", "/second"] {
        let request = Request::get(path).body(()).unwrap();
        let service = GuardLayer::new().layer(service);
        assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
    }
    while !rejoin::root().live().is_empty() {
        tokio::task::yield_now().await;
    }
    for report in seen.wait_for(2) {
        assert_eq!(report.request(), None, "{report:?}");
    }
}
