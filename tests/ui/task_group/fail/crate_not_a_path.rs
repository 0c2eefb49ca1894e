#[rejoin::task_group(crate = "rejoin")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
