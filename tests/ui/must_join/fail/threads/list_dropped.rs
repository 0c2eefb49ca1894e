//! A pool of threads that is dropped.
// leak: the threads (line 9); exit: the end of the function (line 11)
fn work(_: usize) {}

#[rejoin::must_join]
fn start(count: usize) {
    let mut threads = Vec::new();
    for id in 0..count {
        threads.push(std::thread::spawn(move || work(id)));
    }
}

fn main() {
    start(0);
}
