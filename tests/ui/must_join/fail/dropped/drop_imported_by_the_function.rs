//! Imported where the attribute can see it.
// leak: the follower (line 9); exit: the `forget` (line 10)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    use std::mem::forget;

    let follower = tokio::spawn(follow());
    forget(follower);
}

fn main() {
    drop(step_down());
}
