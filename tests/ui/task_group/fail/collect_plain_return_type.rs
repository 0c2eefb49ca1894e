#[rejoin::task_group(on_failure = "collect")]
async fn fan_out() -> u32 {
    tokio::spawn(async {});
    3
}

fn main() {
    drop(fan_out());
}
