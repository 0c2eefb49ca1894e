//! G3: an `Err` that the function cannot take does not compile.
async fn send() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() -> Result<(), std::io::Error> {
    tokio::spawn(send());
    Ok(())
}

fn main() {
    drop(fan_out());
}
