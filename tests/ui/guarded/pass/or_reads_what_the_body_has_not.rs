//! A value after a panic may read what the body does not name, behind `&mut` too, and what both share.
#![deny(warnings)]

pub struct Mail {
    pub to: String,
}

impl Mail {
    #[rejoin::guarded(or = self.to.clone())]
    pub fn send(&mut self) -> String {
        panic!("no server")
    }

    #[rejoin::guarded(or = self.to.len())]
    pub async fn length(&self) -> usize {
        self.to.len()
    }
}

fn main() {
    let mut mail = Mail { to: "a".to_owned() };
    assert_eq!(mail.send(), "a");
}
