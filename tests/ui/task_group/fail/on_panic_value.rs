#[rejoin::task_group(on_panic = "abort after 5")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
