#[rejoin::main]
#[tokio::main]
async fn main() {
    std::future::ready(()).await;
}
