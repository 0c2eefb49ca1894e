#[rejoin::guarded]
async fn serve() {
    let n = 3;
    tokio::spawn(async { std::fs::read(format!("{n}")) });
}

fn main() {
    drop(serve());
}
