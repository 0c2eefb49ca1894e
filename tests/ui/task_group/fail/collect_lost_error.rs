#[rejoin::task_group(on_failure = "collect")]
async fn fan_out() -> Result<(), rejoin::Errors<std::num::ParseIntError>> {
    tokio::spawn(async { std::io::Result::Ok(()) });
    Ok(())
}

fn main() {
    drop(fan_out());
}
