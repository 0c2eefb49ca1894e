//! A spawned block borrows a local: rustc says it as without the attribute, with its help.
async fn work() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    for n in 0..3 {
        tokio::spawn(async { println!("{n}") });
    }
    Ok(())
}

fn main() {
    drop(work());
    drop(fan_out());
}
