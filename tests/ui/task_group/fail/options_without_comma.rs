#[rejoin::task_group(limit = 8 grace = "1s")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
