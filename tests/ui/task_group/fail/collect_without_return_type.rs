#[rejoin::task_group(on_failure = "collect")]
async fn fan_out() {
    tokio::spawn(async {});
}

fn main() {
    drop(fan_out());
}
