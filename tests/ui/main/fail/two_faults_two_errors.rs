#[rejoin::main(grace = "", worker_threads = 0)]
async fn main() {
    std::future::ready(()).await;
}
