//! The same by a method of a collection.
async fn work() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::fmt::Error> {
    for n in 0..3 {
        let mut set = tokio::task::JoinSet::new();
        set.spawn(async { println!("{n}") });
    }
    Ok(())
}

fn main() {
    drop(work());
    drop(fan_out());
}
