#[rejoin::main(unhandled_panic = "ignore")]
async fn main() {
    std::future::ready(()).await;
}
