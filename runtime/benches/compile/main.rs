//! What the attributes cost the compiler: `cargo bench -p rejoin --bench compile`; words after `--` pick the tables, and
//! `--save` puts them into the docs.
//!
//! Everything is measured on packages that are generated beside the build, in pairs or rounds that alternate, and shown
//! as medians. Time is that of the processors, as the machine may be busy with other things.

mod cost;
mod depth;
#[path = "../measured/mod.rs"]
mod measured;
mod service;
mod workshop;

use measured::Arguments;

type Table = (&'static str, fn() -> String);

const TABLES: [Table; 3] = [
    ("depth", depth::table),
    ("check", service::table),
    ("build", cost::table),
];

fn main() {
    let arguments = Arguments::get();
    for (name, table) in TABLES {
        if arguments.pick(name) {
            let table = table();
            println!("{table}");
            arguments.save(&format!("{name}.md"), &table);
        }
    }
}
