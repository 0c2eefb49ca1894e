//! The same where the block that lacks it spawns too.
async fn work() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    for n in 0..3 {
        tokio::spawn(async {
            println!("{n}");
            tokio::spawn(work());
        });
    }
    Ok(())
}

fn main() {
    drop(work());
    drop(fan_out());
}
