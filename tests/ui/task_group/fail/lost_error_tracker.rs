#[rejoin::task_group]
async fn fan_out(tracker: tokio_util::task::TaskTracker) -> Result<(), std::num::ParseIntError> {
    tracker.spawn(std::future::ready(std::io::Result::Ok(())));
    Ok(())
}

fn main() {
    drop(fan_out(tokio_util::task::TaskTracker::new()));
}
