#[rejoin::main(start_paused = true)]
async fn main() {
    std::future::ready(()).await;
}
