//! The same of a closure.
async fn work() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    for n in 0..3 {
        tokio::task::spawn_blocking(|| println!("{n}"));
    }
    Ok(())
}

fn main() {
    drop(work());
    drop(fan_out());
}
