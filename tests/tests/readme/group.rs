//! In the README: the same page as a group.
use super::shop::{Error, count_visit, price, stock};

#[rejoin::task_group]
async fn page(id: u64) -> Result<String, Error> {
    let price = tokio::spawn(price(id)); // still a `tokio::task::JoinHandle`: its outcome is yours
    let stock = tokio::spawn(stock(id));
    tokio::spawn(count_visit(id)); // discarded: an `Err` or a panic fails the page, and the others stop
    Ok(format!("{} € · {} left", price.await??, stock.await??))
}

#[tokio::test]
async fn a_group_gives_the_same_page() {
    assert_eq!(page(1).await.unwrap(), "7 € · 3 left");
}
