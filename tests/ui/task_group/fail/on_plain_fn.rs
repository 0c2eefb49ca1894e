#[rejoin::task_group]
fn fan_out() {}

fn main() {
    fan_out();
}
