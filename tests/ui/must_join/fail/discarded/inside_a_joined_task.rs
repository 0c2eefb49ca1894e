//! The outer task is joined, the one that it starts is not.
// leak: the receipt (line 10); exit: the spawn itself
async fn charge(_: u32) {}
async fn receipt(_: u32) {}

#[rejoin::must_join]
async fn order(id: u32) {
    let payment = tokio::spawn(async move {
        charge(id).await;
        tokio::spawn(receipt(id));
    });
    payment.await.unwrap();
}

fn main() {
    drop(order(1));
}
