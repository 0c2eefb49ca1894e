//! `let _ = handle` looks as if something were done with it.
// leak: the follower (line 7); exit: the `let _` (line 8)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    let follower = tokio::spawn(follow());
    let _ = follower;
}

fn main() {
    drop(step_down());
}
