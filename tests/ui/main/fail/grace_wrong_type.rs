#[rejoin::main(grace = SECONDS)]
async fn main() {
    std::future::ready(()).await;
}

const SECONDS: u64 = 25;
