//! What depending on us costs: crates, and the time of a clean build, beside crates of the same kind.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::workshop::{Took, Workshop, median};

const ROUNDS: usize = 3;

/// Whose price it is, and what stands in the dependencies for it.
fn subjects() -> [(&'static str, String); 6] {
    let here = |path: &str, options: &str| {
        let path = crate::workshop::repository().join(path);
        format!("{{ path = \"{}\"{options} }}", path.display())
    };
    [
        ("rejoin-macros", here("macros", "")),
        ("tracing-attributes", "\"0.1\"".to_owned()),
        ("tokio-macros", "\"2\"".to_owned()),
        ("rejoin", here("runtime", "")),
        (
            "rejoin, no default features",
            here("runtime", ", default-features = false"),
        ),
        ("tokio-graceful-shutdown", "\"0.17\"".to_owned()),
    ]
}

pub(crate) fn table() -> String {
    let shops: Vec<_> = subjects()
        .into_iter()
        .enumerate()
        .map(|(index, (name, dependency))| {
            let workshop = Workshop::new(&format!("cost{index}"));
            let (package, _) = name.split_once(',').unwrap_or((name, ""));
            workshop.put(
                "Cargo.toml",
                &format!(
                    "[package]\nname = \"cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                     [dependencies]\n{package} = {dependency}\n\n[workspace]\n"
                ),
            );
            workshop.put("src/lib.rs", "");
            (name, workshop)
        })
        .collect();
    // What is not on this machine yet is fetched before anything is measured.
    let there: Vec<bool> = shops
        .iter()
        .map(|(_, shop)| shop.run("fetch").is_ok())
        .collect();
    let mut rounds: Vec<Vec<Took>> = vec![Vec::new(); shops.len()];
    for _ in 0..ROUNDS {
        for (index, (name, shop)) in shops.iter().enumerate() {
            if there[index] {
                shop.clean();
                let took = shop.run("build --offline");
                rounds[index].push(took.unwrap_or_else(|said| panic!("{name}: {said}")));
            }
        }
    }
    let mut table = String::from(
        "| a package that depends on | crates it compiles | clean `cargo build`, CPU seconds | seconds |\n\
         |---|---|---|---|\n",
    );
    for (index, (name, shop)) in shops.iter().enumerate() {
        if !there[index] {
            let _ = writeln!(table, "| {name} | not to be had on this machine | | |");
            continue;
        }
        let cpu = median(rounds[index].iter().map(|took| took.cpu.as_secs_f64()));
        let wall = median(rounds[index].iter().map(|took| took.wall.as_secs_f64()));
        let _ = writeln!(
            table,
            "| {name} | {} | {cpu:.1} | {wall:.1} |",
            crates(shop)
        );
    }
    table
}

/// How many crates are compiled, the package itself not counted.
fn crates(shop: &Workshop) -> usize {
    let tree = shop.print("tree --offline --edges normal,build --prefix none --format {p}");
    let tree = tree.unwrap_or_default();
    let crates: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    crates.len().saturating_sub(1)
}
