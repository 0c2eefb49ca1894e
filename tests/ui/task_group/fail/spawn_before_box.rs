//! What stands before the box runs in the call, when the group is not open.

use std::future::Future;
use std::pin::Pin;

#[rejoin::task_group]
fn boxed() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    tokio::spawn(async {});
    Box::pin(async move {})
}

fn main() {
    drop(boxed());
}
