//! Never more than eight at once, and the last eight are forgotten.
// leak: the fetches (line 17); exit: the end of the function (line 19)
use std::collections::VecDeque;

async fn fetch(_: u32) {}

#[rejoin::must_join]
async fn fetch_all(ids: Vec<u32>) {
    let mut running = VecDeque::new();
    for id in ids {
        while running.len() >= 8 {
            if let Some(first) = running.pop_front() {
                let first: tokio::task::JoinHandle<()> = first;
                let _ = first.await;
            }
        }
        running.push_back(tokio::spawn(fetch(id)));
    }
}

fn main() {
    drop(fetch_all(vec![1]));
}
