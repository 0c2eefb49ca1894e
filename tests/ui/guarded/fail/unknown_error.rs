//! Nothing says what the error of the task is: rustc asks for it, as without the attribute.
async fn step() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::guarded]
async fn serve() {
    tokio::spawn(async {
        step().await?;
        Ok(())
    });
}

fn main() {
    drop(serve());
}
