#[rejoin::task_group(limit == 8)]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
