#[rejoin::guarded(on_panic = "abort after 5 in 60")]
mod work {}

fn main() {}
