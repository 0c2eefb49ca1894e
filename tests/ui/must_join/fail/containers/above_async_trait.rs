//! On the whole impl, above `async_trait`.
// leak: the audit (line 18); exit: the end of the method (line 21)
use async_trait::async_trait;

#[async_trait]
trait Service {
    async fn call(&self, request: u32) -> u32;
}

struct Echo;

async fn audit(_: u32) {}

#[rejoin::must_join]
#[async_trait]
impl Service for Echo {
    async fn call(&self, request: u32) -> u32 {
        let audit = tokio::spawn(audit(request));
        println!("{}", audit.id());
        request
    }
}

fn main() {
    drop(Echo.call(1));
}
