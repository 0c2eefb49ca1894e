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
}
