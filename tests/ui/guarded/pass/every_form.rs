#![deny(warnings)]
#![forbid(unsafe_code)]
use std::future::Future;
use std::pin::Pin;

#[rejoin::guarded]
async fn unit() {}

#[rejoin::guarded(or = 0)]
fn value(x: u32) -> u32 {
    x + 1
}

#[rejoin::guarded(or = |panic| panic.message().len())]
async fn from_panic() -> usize {
    panic!("four")
}

#[rejoin::guarded]
async fn io() -> std::io::Result<u32> {
    Ok(1)
}

#[rejoin::guarded(name = "returned", on_panic = "recover")]
fn returned() -> impl Future<Output = Result<u32, Box<dyn std::error::Error + Send + Sync>>> + Send {
    async { Ok(1) }
}

#[rejoin::guarded]
fn boxed<'a>(x: &'a str) -> Pin<Box<dyn Future<Output = std::io::Result<&'a str>> + Send + 'a>> {
    Box::pin(async move { Ok(x) })
}

struct Store(u32);

#[rejoin::guarded]
impl Store {
    const fn new() -> Self {
        Self(0)
    }

    async fn flush(&mut self) -> u32 {
        self.0 += 1;
        tokio::spawn(async {});
        self.0
    }
}

impl Drop for Store {
    fn drop(&mut self) {}
}

#[rejoin::guarded]
mod jobs {
    use tokio::task;

    pub async fn one() -> u32 {
        task::spawn(async { 1 }).await.unwrap()
    }
}

/// A function that holds no panic, and one whose future does not name its generics.
#[rejoin::guarded(on_panic = "abort after 5 in 60s")]
mod counted {
    use std::future::Future;

    pub fn plain(text: &str) -> String {
        text.to_owned()
    }

    pub fn returned<T: Into<u32>>(value: T) -> impl Future<Output = u32> {
        let value = value.into();
        async move { value }
    }

    pub async fn hidden() -> impl Iterator<Item = u8> {
        [1, 2].into_iter()
    }

    pub async fn endless() -> ! {
        loop {
            tokio::task::yield_now().await;
        }
    }
}

#[rejoin::guarded(on_panic = "recover, abort after 5 in 1m 30s")]
fn recovered<T: Into<u32>>(value: T) -> impl Future<Output = std::io::Result<u32>> {
    let value = value.into();
    async move { Ok(value) }
}

#[rejoin::guarded(on_panic = "shutdown", or = 0)]
async fn shut_down() -> u32 {
    1
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    unit().await;
    assert_eq!(value(1), 2);
    assert_eq!(from_panic().await, 4);
    assert_eq!(io().await.unwrap(), 1);
    assert_eq!(returned().await.unwrap(), 1);
    assert_eq!(boxed("x").await.unwrap(), "x");
    assert_eq!(Store::new().flush().await, 1);
    assert_eq!(jobs::one().await, 1);
    assert_eq!(counted::plain("x"), "x");
    assert_eq!(counted::returned(3_u8).await, 3);
    assert_eq!(counted::hidden().await.count(), 2);
    drop(counted::endless());
    assert_eq!(recovered(4_u8).await.unwrap(), 4);
    assert_eq!(shut_down().await, 1);
}
