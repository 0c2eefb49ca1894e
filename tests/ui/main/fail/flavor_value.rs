#[rejoin::main(flavor = "threaded_scheduler")]
async fn main() {
    std::future::ready(()).await;
}
