#[rejoin::main(flavor = "current_thread", start_paused = "yes")]
async fn main() {
    std::future::ready(()).await;
}
