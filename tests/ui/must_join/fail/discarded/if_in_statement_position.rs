//! The value of the `if` is the handle, and the statement throws it away.
// leak: the slow path (line 8); exit: the spawn itself
async fn slow_path() {}

#[rejoin::must_join]
async fn warm_up(cold: bool) {
    if cold {
        tokio::spawn(slow_path())
    } else {
        return;
    };
}

fn main() {
    drop(warm_up(true));
}
