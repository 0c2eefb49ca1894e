#[rejoin::main(worker_threads = "4")]
async fn main() {
    std::future::ready(()).await;
}
