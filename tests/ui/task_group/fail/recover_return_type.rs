#[rejoin::task_group(on_panic = "recover")]
async fn fan_out() -> String {
    String::new()
}

fn main() {
    drop(fan_out());
}
