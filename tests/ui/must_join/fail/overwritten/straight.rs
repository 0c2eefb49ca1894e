//! The second handle takes the place of the first.
// leak: the primary (line 9); exit: the assignment (line 11)
async fn dial(_: &str) -> u32 {
    1
}

#[rejoin::must_join]
async fn connect() -> u32 {
    let mut attempt = tokio::spawn(dial("primary"));
    println!("dialling as {}", attempt.id());
    attempt = tokio::spawn(dial("secondary"));
    attempt.await.unwrap()
}

fn main() {
    drop(connect());
}
