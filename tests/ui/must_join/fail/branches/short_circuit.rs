//! What stands right of `&&` may never run.
// leak: the check (line 9); exit: the end of the function (line 11)
async fn check() -> bool {
    true
}

#[rejoin::must_join]
async fn healthy(ready: bool) -> bool {
    let check = tokio::spawn(check());
    ready && check.await.is_ok()
}

fn main() {
    drop(healthy(true));
}
