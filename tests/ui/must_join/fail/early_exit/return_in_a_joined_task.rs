//! A `return` in the block of a task ends that task alone; what it started stays behind.
// leak: the shard (line 8); exit: the `return` in the task (line 10)
async fn shard() {}

#[rejoin::must_join]
async fn rebalance(empty: bool) {
    let all = tokio::spawn(async move {
        let shard = tokio::spawn(shard());
        if empty {
            return;
        }
        shard.await.unwrap();
    });
    all.await.unwrap();
}

fn main() {
    drop(rebalance(true));
}
