#[rejoin::task_group(token = "stop")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
