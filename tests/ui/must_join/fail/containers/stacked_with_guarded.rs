//! The guard contains a panic; it does not join.
// leak: the mail (line 8); exit: the spawn itself
async fn send_mail(_: u32) {}

#[rejoin::guarded]
#[rejoin::must_join]
async fn sign_up(user: u32) {
    tokio::spawn(send_mail(user));
}

fn main() {
    drop(sign_up(1));
}
