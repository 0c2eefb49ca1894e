#[rejoin::task_group(limits = 8)]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
