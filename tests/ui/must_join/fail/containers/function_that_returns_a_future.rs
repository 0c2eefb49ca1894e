//! The future that is returned is read as part of the function.
// leak: the mail (line 15); exit: the `?` in the future (line 16)
use std::future::Future;
use std::io;

async fn send_mail(_: u32) {}

async fn store(_: u32) -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
fn sign_up(user: u32) -> impl Future<Output = io::Result<()>> {
    async move {
        let mail = tokio::spawn(send_mail(user));
        store(user).await?;
        mail.await?;
        Ok(())
    }
}

fn main() {
    drop(sign_up(1));
}
