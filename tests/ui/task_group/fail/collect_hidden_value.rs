#[rejoin::task_group(on_failure = "collect")]
async fn fan_out() -> Result<impl Sized, std::io::Error> {
    tokio::spawn(async {});
    Ok(())
}

fn main() {
    drop(fan_out());
}
