//! And `drop(…)` around the spawn.
// leak: the audit (line 7); exit: the spawn itself
async fn audit(_: u32) {}

#[rejoin::must_join]
async fn delete(user: u32) {
    drop(tokio::spawn(audit(user)));
}

fn main() {
    drop(delete(1));
}
