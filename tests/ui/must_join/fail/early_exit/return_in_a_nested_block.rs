//! However deep it stands.
// leak: the loader (line 9); exit: the `return` (line 15)
async fn load() -> u32 {
    1
}

#[rejoin::must_join]
async fn count(lines: &[&str]) -> u32 {
    let loader = tokio::spawn(load());
    let seen = {
        let mut seen = 0;
        for line in lines {
            if line.is_empty() {
                {
                    return seen;
                }
            }
            seen += 1;
        }
        seen
    };
    seen + loader.await.unwrap()
}

fn main() {
    drop(count(&[]));
}
