//! In the README: a `?` between two joins.
type Error = Box<dyn std::error::Error + Send + Sync>;

async fn price(_: u64) -> Result<u32, Error> { Ok(7) }
async fn stock(_: u64) -> Result<u32, Error> { Ok(3) }

#[rejoin::must_join]
async fn total(id: u64) -> Result<u32, Error> {
    let price = tokio::spawn(price(id));
    let stock = tokio::spawn(stock(id));
    Ok(price.await?? + stock.await??)
}

fn main() {}
