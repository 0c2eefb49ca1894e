async fn send() -> Result<(), std::io::Error> {
    Ok(())
}

#[rejoin::task_group]
async fn fan_out() {
    tokio::spawn(send());
}

fn main() {
    drop(fan_out());
}
