//! The exit is found under the guard as well.
// leak: the mail (line 8); exit: the end of the function (line 10)
async fn send_mail(_: u32) {}

#[rejoin::guarded]
#[rejoin::must_join]
async fn sign_up(user: u32) {
    let mail = tokio::spawn(send_mail(user));
    println!("{}", mail.id());
}

fn main() {
    drop(sign_up(1));
}
