#[rejoin::task_group(grace = "soon")]
async fn fan_out() {}

fn main() {
    drop(fan_out());
}
