#[rejoin::task_group(deadline = 2)]
async fn fan_out() -> std::io::Result<()> {
    Ok(())
}

fn main() {
    drop(fan_out());
}
