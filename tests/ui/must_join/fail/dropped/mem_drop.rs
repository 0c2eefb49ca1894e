//! By its full name as well.
// leak: the follower (line 7); exit: the `drop` (line 8)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    let follower = tokio::spawn(follow());
    std::mem::drop(follower);
}

fn main() {
    drop(step_down());
}
