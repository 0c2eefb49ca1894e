#[tokio::main]
#[rejoin::main]
async fn main() {
    std::future::ready(()).await;
}
