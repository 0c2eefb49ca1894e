// The options are those of a builder: an open group has no method for them.
#[tokio::main]
async fn main() {
    let group = rejoin::TaskGroup::<std::io::Error>::new();
    group.launch(async {});
    group.limit(10);
}
