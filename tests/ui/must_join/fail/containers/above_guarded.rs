//! And over it.
// leak: the mail (line 8); exit: the end of the function (line 10)
async fn send_mail(_: u32) {}

#[rejoin::must_join]
#[rejoin::guarded]
async fn sign_up(user: u32) {
    let mail = tokio::spawn(send_mail(user));
    println!("{}", mail.id());
}

fn main() {
    drop(sign_up(1));
}
