#[rejoin::main(grace = "25 parsecs")]
async fn main() {
    std::future::ready(()).await;
}
