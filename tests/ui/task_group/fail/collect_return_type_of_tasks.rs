#[rejoin::task_group(on_failure = "collect")]
async fn fan_out() -> std::io::Result<u32> {
    tokio::spawn(async { std::io::Result::Ok(()) });
    let held = tokio::spawn(async { 1 });
    std::fs::metadata("file")?;
    if held.is_finished() {
        return Ok(2);
    }
    Ok(3)
}

fn main() {
    drop(fan_out());
}
