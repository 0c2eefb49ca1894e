//! Prints in which order the body of `main` drops its values, after that of a bare function.

fn note(name: &str) {
    println!("{name}");
}

/// Prints its name when it is dropped.
struct Noted(&'static str);

impl Noted {
    fn value(&self) -> usize {
        note("value");
        self.0.len()
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        note(self.0);
    }
}

async fn bare() {
    let _local = Noted("local");
    tokio::task::yield_now().await;
    if let 0 = Noted("scrutinee").value() {
        note("then");
    } else {
        note("else");
    }
    match Noted("tail").value() {
        0 => note("none"),
        _ => note("some"),
    }
}

#[rejoin::main(flavor = "current_thread")]
async fn main() {
    bare().await;
    note("main");
    let _local = Noted("local");
    tokio::task::yield_now().await;
    if let 0 = Noted("scrutinee").value() {
        note("then");
    } else {
        note("else");
    }
    match Noted("tail").value() {
        0 => note("none"),
        _ => note("some"),
    }
}
