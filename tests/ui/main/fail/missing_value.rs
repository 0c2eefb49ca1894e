#[rejoin::main(grace)]
async fn main() {
    std::future::ready(()).await;
}
