#[rejoin::main]
async fn main() -> u32 {
    std::future::ready(7).await
}
