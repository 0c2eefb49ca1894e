#[rejoin::main]
async fn serve() -> std::io::Result<()> {
    std::future::ready(Ok(())).await
}

fn main() {
    let _ = serve();
}
