//! The body has taken what it names behind `&mut` when `or` is evaluated.

struct Mail {
    to: String,
    sent: u32,
}

impl Mail {
    #[rejoin::guarded(or = self.to.clone())]
    fn send(&mut self) -> String {
        self.sent += 1;
        String::new()
    }
}

#[rejoin::guarded(or = |_| list.len())]
async fn fill(list: &mut Vec<u32>) -> usize {
    list.push(1);
    list.len()
}

fn main() {}
