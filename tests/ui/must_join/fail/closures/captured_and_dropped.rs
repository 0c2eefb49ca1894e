//! A closure that takes the handle to drop it.
// leak: the follower (line 7); exit: the `drop` in the closure (line 8)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    let follower = tokio::spawn(follow());
    let clean_up = move || drop(follower);
    clean_up();
}

fn main() {
    drop(step_down());
}
