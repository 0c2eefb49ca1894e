#[rejoin::guarded]
#[test]
fn it_works() {}

fn main() {}
