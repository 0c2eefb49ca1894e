#[rejoin::main]
struct Service;

fn main() {}
