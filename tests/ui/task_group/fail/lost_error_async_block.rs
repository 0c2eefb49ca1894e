#[rejoin::task_group]
async fn fan_out() {
    tokio::spawn(async {
        std::fs::read("x")?;
        Ok::<(), std::io::Error>(())
    });
}

fn main() {
    drop(fan_out());
}
