//! `drop` ends the handle, not the task.
// leak: the follower (line 7); exit: the `drop` (line 9)
async fn follow() {}

#[rejoin::must_join]
async fn step_down() {
    let follower = tokio::spawn(follow());
    println!("following in {}", follower.id());
    drop(follower);
}

fn main() {
    drop(step_down());
}
