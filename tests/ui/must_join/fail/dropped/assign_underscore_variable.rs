//! So does an assignment to `_`.
// leak: the follower (line 7); exit: the assignment (line 8)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    let follower = tokio::spawn(follow());
    _ = follower;
}

fn main() {
    drop(step_down());
}
