#[rejoin::task_group(deadline = "2s")]
async fn fan_out() -> u32 {
    1
}

fn main() {
    drop(fan_out());
}
