//! What the attributes cost the compiler: `cargo bench -p rejoin --bench compile`; words after `--` pick the tables.
//!
//! Everything is measured on packages that are generated beside the build, in pairs or rounds that alternate, and shown
//! as medians. Time is that of the processors, as the machine may be busy with other things.

mod cost;
mod depth;
mod service;
mod workshop;

type Table = (&'static str, fn());

const TABLES: [Table; 3] = [
    ("depth", depth::print),
    ("check", service::print),
    ("build", cost::print),
];

fn main() {
    let picked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    for (name, print) in TABLES {
        if picked.is_empty() || picked.iter().any(|word| name.contains(word.as_str())) {
            print();
        }
    }
}
