#[rejoin::task_group(on_failure = "ignore")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
