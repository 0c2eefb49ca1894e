//! A method without a body joins nothing.
// error: the semicolon (line 5)
trait Worker {
    #[rejoin::must_join]
    fn work(&self);
}

fn main() {
    fn _takes(_: &dyn Worker) {}
}
