//! Nor what stands right of `||`.
// leak: the check (line 9); exit: the end of the function (line 11)
async fn check() -> bool {
    true
}

#[rejoin::must_join]
async fn healthy(known: bool) -> bool {
    let check = tokio::spawn(check());
    known || check.await.is_ok()
}

fn main() {
    drop(healthy(true));
}
