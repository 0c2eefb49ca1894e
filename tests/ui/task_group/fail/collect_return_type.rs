#[rejoin::task_group(on_failure = "collect")]
async fn fan_out() -> std::io::Result<()> {
    tokio::spawn(async {});
    Ok(())
}

fn main() {
    drop(fan_out());
}
