#[rejoin::guarded]
struct Work;

fn main() {
    let _ = Work;
}
