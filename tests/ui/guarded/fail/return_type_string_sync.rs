#[rejoin::guarded]
fn greeting(name: &str) -> String {
    format!("hello {name}")
}

fn main() {
    greeting("you");
}
