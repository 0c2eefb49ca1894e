#[rejoin::guarded]
mod elsewhere;

fn main() {}
