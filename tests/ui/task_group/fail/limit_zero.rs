#[rejoin::task_group(limit = 0)]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
