trait Worker {
    #[rejoin::guarded]
    fn work(&self);
}

fn main() {
    fn _takes(_: &dyn Worker) {}
}
