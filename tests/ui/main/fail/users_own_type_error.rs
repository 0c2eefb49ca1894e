#[rejoin::main]
async fn main() -> Result<(), String> {
    let number: u32 = "seven";
    std::future::ready(number).await;
    Ok(())
}
