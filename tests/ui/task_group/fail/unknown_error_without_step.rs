//! Nothing says what the error of the task is, and nothing is converted into it either.
#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    tokio::spawn(async { Ok(()) });
    Ok(())
}

fn main() {
    drop(fan_out());
}
