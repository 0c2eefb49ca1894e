//! The same of a closure, by a method of a collection that forgets.
async fn work() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    for n in 0..3 {
        let tracker = tokio_util::task::TaskTracker::new();
        tracker.spawn_blocking(|| println!("{n}"));
    }
    Ok(())
}

fn main() {
    drop(work());
    drop(fan_out());
}
