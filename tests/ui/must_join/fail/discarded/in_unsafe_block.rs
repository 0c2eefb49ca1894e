//! A block around the spawn hands its value on, to nobody.
// leak: the worker (line 11); exit: the spawn itself
async fn worker(_: u32) {}

static mut NEXT: u32 = 0;

#[rejoin::must_join]
async fn start() {
    unsafe {
        NEXT += 1;
        tokio::spawn(worker(NEXT))
    };
}

fn main() {
    drop(start());
}
