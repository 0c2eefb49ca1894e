//! Reads each function in the sources of these folders as `#[must_join]` would, and lists the spawns that it refuses with
//! the first line of what it says.
//!
//! ```text
//! cargo run -p rejoin-macros-core --example refused -- ~/.cargo/registry/src/*/{mini-redis-0.4.1,tarpc-0.37.0}
//! ```

mod functions;

use std::path::PathBuf;

use functions::{files, functions};
use rejoin_macros_core::leak::report::{Options, check};

fn main() {
    let mut table = vec![];
    for folder in std::env::args_os().skip(1).map(PathBuf::from) {
        let [mut read, mut with_spawns, mut refused] = [0; 3];
        for (path, file) in files(&folder) {
            functions(&path, &file, |_, function, sites, resolver| {
                read += 1;
                with_spawns += usize::from(sites.iter().next().is_some());
                let leaks = check(function, sites, resolver, &Options::default());
                refused += usize::from(!leaks.is_empty());
                for leak in leaks {
                    let line = leak.spawn.start().line;
                    let says = leak.message.lines().next().unwrap_or_default();
                    println!("{}:{line}: {says}", path.display());
                }
            });
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        table.push(format!("| {name} | {read} | {with_spawns} | {refused} |"));
    }
    println!("| sources | functions | with a spawn | refused |\n|---|---|---|---|");
    println!("{}", table.join("\n"));
}
