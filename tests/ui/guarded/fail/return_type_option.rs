//! `None` means absent, not broken.
#[rejoin::guarded]
async fn find(id: u32) -> Option<u32> {
    Some(id)
}

fn main() {
    drop(find(1));
}
