#[rejoin::main(grace = 25)]
async fn main() {
    std::future::ready(()).await;
}
