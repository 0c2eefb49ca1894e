//! Each fault is told once, all of them in one run.
#[rejoin::task_group(limit = 0, deadline = "2 parsecs", colour = "red")]
async fn fan_out() -> std::io::Result<()> {
    Ok(())
}

fn main() {
    drop(fan_out());
}
