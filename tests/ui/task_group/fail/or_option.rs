#[rejoin::task_group(or = 1)]
async fn fan_out() -> u32 {
    1
}

fn main() {
    drop(fan_out());
}
