//! Waking a thread is not joining it.
// leak: the parker (line 5); exit: the end of the function (line 7)
#[rejoin::must_join]
fn wake() {
    let parker = std::thread::spawn(std::thread::park);
    parker.thread().unpark();
}

fn main() {
    wake();
}
