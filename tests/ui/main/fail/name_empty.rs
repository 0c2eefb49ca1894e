#[rejoin::main(name = "")]
async fn main() {
    std::future::ready(()).await;
}
