#[rejoin::guarded(on_panic = "unwind")]
const fn answer() -> u32 {
    42
}

fn main() {
    answer();
}
