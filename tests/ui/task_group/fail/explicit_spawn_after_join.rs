// A join takes the group: there is nothing left to spawn into, or to configure.
#[tokio::main]
async fn main() {
    let group = rejoin::TaskGroup::<std::io::Error>::new();
    group.launch(async {});
    let _ = group.join().await;
    group.launch(async {});
}
