//! The same where the task has an error that the function takes.
async fn work() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    for n in 0..3 {
        tokio::spawn(async {
            println!("{n}");
            work().await
        });
    }
    Ok(())
}

fn main() {
    drop(work());
    drop(fan_out());
}
