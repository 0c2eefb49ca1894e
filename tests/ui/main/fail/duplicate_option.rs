#[rejoin::main(grace = "1s", grace = "2s")]
async fn main() {
    std::future::ready(()).await;
}
