//! A return type that cannot hold a panic.
struct Json(u32);

#[rejoin::guarded]
async fn answer() -> Json {
    Json(42)
}

fn main() {
    drop(answer());
}
