//! Two groups on one function are one too many.

#[rejoin::task_group]
#[rejoin::task_group(limit = 2)]
async fn twice() {
    tokio::spawn(async {});
}

fn main() {
    drop(twice());
}
