//! An error of the caller's lifetime, elided in a path: no error of a task becomes one, as rustc sees where it is converted.
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

#[rejoin::task_group]
async fn f(_: &str) -> Result<(), E<'_>> {
    tokio::spawn(async { Err::<(), X>(X) });
    Ok(())
}

#[tokio::main]
async fn main() {
    let text = String::from("gone when it is read");
    if let Err(error) = f(&text).await {
        (error.0)(&text);
    }
    drop(text);
    println!("{:?}", KEPT.lock().unwrap());
}
