#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    let _ = tokio::task::spawn_blocking(|| std::fs::read("x"));
    Ok(())
}

fn main() {
    drop(fan_out());
}
