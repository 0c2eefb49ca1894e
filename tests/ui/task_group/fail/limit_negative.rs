#[rejoin::task_group(limit = -1)]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
