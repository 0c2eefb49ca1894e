//! Nothing says what the error of the task is: rustc asks for it, as without the attribute.
async fn step() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    tokio::spawn(async {
        step().await?;
        Ok(())
    });
    Ok(())
}

fn main() {
    drop(fan_out());
}
