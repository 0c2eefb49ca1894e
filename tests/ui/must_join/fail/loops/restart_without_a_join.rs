//! A worker that is found dead is replaced, and nobody asks what it died of.
// leak: the worker (line 8); exit: the end of the loop's body (line 13)
async fn work() {}

#[rejoin::must_join]
async fn keep_running(times: u32) {
    for _ in 0..times {
        let worker = tokio::spawn(work());
        while !worker.is_finished() {
            tokio::task::yield_now().await;
        }
        println!("it ended, once more");
    }
}

fn main() {
    drop(keep_running(1));
}
