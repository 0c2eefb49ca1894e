mod service {
    #[rejoin::main]
    pub const fn main() {}
}

fn main() {
    service::main();
}
