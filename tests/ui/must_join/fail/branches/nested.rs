//! Joined in all but the innermost branch.
// leak: the backup (line 7); exit: the end of the function (line 17)
async fn backup() {}

#[rejoin::must_join]
async fn stop(clean: bool, forced: bool) {
    let backup = tokio::spawn(backup());
    if clean {
        if forced {
            println!("not waiting for the backup");
        } else {
            backup.await.unwrap();
        }
    } else {
        backup.await.unwrap();
    }
}

fn main() {
    drop(stop(true, false));
}
