//! The impl of a trait is an impl.
// leak: the notice (line 14); exit: the spawn itself
trait Handler {
    fn handle(&self);
}

struct Orders;

async fn publish() {}

#[rejoin::must_join]
impl Handler for Orders {
    fn handle(&self) {
        tokio::spawn(publish());
    }
}

fn main() {
    if false {
        Orders.handle();
    }
}
