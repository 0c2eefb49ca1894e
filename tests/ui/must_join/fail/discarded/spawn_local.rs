//! A local task is a task.
// leak: the redraw (line 7); exit: the spawn itself
async fn redraw() {}

#[rejoin::must_join]
async fn on_resize() {
    tokio::task::spawn_local(redraw());
}

fn main() {
    drop(on_resize());
}
