//! A handle that was made in a block ends with the block.
// leak: the prefetch (line 9); exit: the end of the inner block (line 11)
async fn prefetch() {}
async fn serve() {}

#[rejoin::must_join]
async fn run(warm: bool) {
    if warm {
        let prefetch = tokio::spawn(prefetch());
        println!("prefetching in {}", prefetch.id());
    }
    serve().await;
}

fn main() {
    drop(run(true));
}
