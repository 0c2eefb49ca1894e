//! So is one that is spawned by the handle of the runtime.
// leak: the flush (line 7); exit: the spawn itself
async fn flush() {}

#[rejoin::must_join]
fn close() {
    tokio::runtime::Handle::current().spawn(flush());
}

fn main() {
    if false {
        close();
    }
}
