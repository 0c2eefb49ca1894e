//! The lifetime is in the output of a boxed future, as `#[async_trait]` leaves it.
#![forbid(unsafe_code)]

use std::sync::Mutex;

static KEPT: Mutex<Option<&'static str>> = Mutex::new(None);

struct X;
struct E<'a>(fn(&'a str));

fn keep(text: &'static str) {
    *KEPT.lock().unwrap() = Some(text);
}

impl From<X> for E<'static> {
    fn from(_: X) -> Self {
        E(keep)
    }
}

#[async_trait::async_trait]
trait Serve {
    async fn serve<'a>(&self, text: &'a str) -> Result<(), E<'a>>;
}

struct Server;

#[async_trait::async_trait]
impl Serve for Server {
    #[rejoin::task_group]
    async fn serve<'a>(&self, _: &'a str) -> Result<(), E<'a>> {
        tokio::spawn(async { Err::<(), X>(X) });
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let text = String::from("gone when it is read");
    if let Err(error) = Server.serve(&text).await {
        (error.0)(&text);
    }
    drop(text);
    println!("{:?}", KEPT.lock().unwrap());
}
