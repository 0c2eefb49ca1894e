//! A default method has a body to judge.
// leak: the notice (line 10); exit: the spawn itself
async fn publish(_: String) {}

#[rejoin::must_join]
trait Notify {
    fn topic(&self) -> String;

    fn notify(&self) {
        tokio::spawn(publish(self.topic()));
    }
}

struct Orders;

impl Notify for Orders {
    fn topic(&self) -> String {
        String::new()
    }
}

fn main() {
    if false {
        Orders.notify();
    }
}
