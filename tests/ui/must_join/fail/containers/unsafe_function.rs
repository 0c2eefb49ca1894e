//! Unsafe functions are functions.
// leak: the worker (line 10); exit: the end of the function (line 12)
async fn work() {}

/// # Safety
///
/// Call it once.
#[rejoin::must_join]
unsafe fn start() {
    let worker = tokio::spawn(work());
    println!("{}", worker.id());
}

fn main() {
    if false {
        unsafe { start() };
    }
}
