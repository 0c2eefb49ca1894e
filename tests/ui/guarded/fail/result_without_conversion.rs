#[derive(Debug)]
struct NotFound;

#[rejoin::guarded]
async fn find(id: u32) -> Result<u32, NotFound> {
    if id == 0 { Err(NotFound) } else { Ok(id) }
}

fn main() {
    drop(find(1));
}
