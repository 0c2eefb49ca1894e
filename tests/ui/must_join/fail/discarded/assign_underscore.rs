//! So does an assignment to `_`.
// leak: the mail (line 7); exit: the spawn itself
async fn send_mail(_: u32) {}

#[rejoin::must_join]
async fn sign_up(user: u32) -> u32 {
    _ = tokio::spawn(send_mail(user));
    user
}

fn main() {
    drop(sign_up(1));
}
