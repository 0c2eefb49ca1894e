//! Two of three branches are not enough.
// leak: the sync (line 7); exit: the end of the function (line 15)
async fn sync() {}

#[rejoin::must_join]
async fn commit(level: u32) {
    let sync = tokio::spawn(sync());
    if level > 2 {
        sync.await.unwrap();
    } else if level == 1 {
        println!("not waiting");
    } else {
        sync.await.unwrap();
    }
}

fn main() {
    drop(commit(1));
}
