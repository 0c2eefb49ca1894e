//! Many at once, and forgotten.
// leak: the shards (line 8); exit: the end of the function (line 10)
async fn shard(_: u32) {}

#[rejoin::must_join]
async fn split(count: u32) -> bool {
    let mut shards = Vec::new();
    shards.extend((0..count).map(|id| tokio::spawn(shard(id))));
    shards.is_empty()
}

fn main() {
    drop(split(1));
}
