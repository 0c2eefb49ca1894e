#[rejoin::main(grace = "x")]
async fn main() -> Result<(), std::num::ParseIntError> {
    let number: u32 = std::future::ready("7").await.parse()?;
    println!("{number}");
    Ok(())
}
