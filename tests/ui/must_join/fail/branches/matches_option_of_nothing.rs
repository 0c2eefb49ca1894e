//! The arm that returns takes the handle along to nowhere.
// leak: the lookup (line 9); exit: the `return` in the arm (line 12)
async fn lookup() -> u32 {
    1
}

#[rejoin::must_join]
async fn resolve(name: &str, cached: Option<u32>) -> u32 {
    let lookup = tokio::spawn(lookup());
    match (name, cached) {
        ("localhost", _) => 1,
        (_, Some(address)) => return address,
        (_, None) => 2,
    };
    lookup.await.unwrap()
}

fn main() {
    drop(resolve("a", None));
}
