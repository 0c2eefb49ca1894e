//! A forgotten handle keeps even the memory of the task.
// leak: the follower (line 7); exit: the `forget` (line 8)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    let follower = tokio::spawn(follow());
    std::mem::forget(follower);
}

fn main() {
    drop(step_down());
}
