#[rejoin::task_group(on_failure = "isolate", on_panic = "abort if unjoined for 30s")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
