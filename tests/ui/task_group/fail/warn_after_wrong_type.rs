#[rejoin::task_group(warn_after = true)]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
