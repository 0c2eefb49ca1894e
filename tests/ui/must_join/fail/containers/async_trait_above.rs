//! A method in the impl of an `async_trait`.
// leak: the audit (line 18); exit: the spawn itself
use async_trait::async_trait;

#[async_trait]
trait Service {
    async fn call(&self, request: u32) -> u32;
}

struct Echo;

async fn audit(_: u32) {}

#[async_trait]
impl Service for Echo {
    #[rejoin::must_join]
    async fn call(&self, request: u32) -> u32 {
        tokio::spawn(audit(request));
        request
    }
}

fn main() {
    drop(Echo.call(1));
}
