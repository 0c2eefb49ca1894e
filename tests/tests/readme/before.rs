//! In the README: a page of three requests, as it is written without rejoin.
use super::shop::{Error, count_visit, price, stock};

async fn page(id: u64) -> Result<String, Error> {
    let price = tokio::spawn(price(id));
    let stock = tokio::spawn(stock(id));
    tokio::spawn(count_visit(id));
    Ok(format!("{} € · {} left", price.await??, stock.await??))
}

#[tokio::test]
async fn a_page_looks_complete() {
    assert_eq!(page(1).await.unwrap(), "7 € · 3 left");
}
