//! The same rows as `versus`, on mimalloc.

#[path = "main.rs"]
mod versus;

#[global_allocator]
static MIMALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    versus::run("mimalloc");
}
