#[rejoin::main]
fn main() {
    println!("hello");
}
