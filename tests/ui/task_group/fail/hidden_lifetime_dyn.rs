//! The lifetime is in a trait object.
#![forbid(unsafe_code)]

use std::sync::Mutex;

static KEPT: Mutex<Option<&'static str>> = Mutex::new(None);

trait Takes<'a> {
    fn take(&self, text: &'a str);
}

struct X;
struct Keeps;

impl Takes<'static> for Keeps {
    fn take(&self, text: &'static str) {
        *KEPT.lock().unwrap() = Some(text);
    }
}

impl From<X> for Box<dyn Takes<'static>> {
    fn from(_: X) -> Self {
        Box::new(Keeps)
    }
}

#[rejoin::task_group]
async fn f(_: &str) -> Result<(), Box<dyn Takes<'_> + '_>> {
    tokio::spawn(async { Err::<(), X>(X) });
    Ok(())
}

#[tokio::main]
async fn main() {
    let text = String::from("gone when it is read");
    if let Err(error) = f(&text).await {
        error.take(&text);
    }
    drop(text);
    println!("{:?}", KEPT.lock().unwrap());
}
