//! How deep async functions can be nested before the compiler gives up on proving the outermost `Send`.

use std::fmt::Write;

use crate::workshop::{Workshop, verdict};

/// Deeper than this is not asked for.
const MOST: usize = 128;

const KINDS: [(&str, &str, Option<usize>); 4] = [
    ("bare", "", None),
    (
        "`guarded(on_panic = \"unwind\")`",
        "#[rejoin::guarded(on_panic = \"unwind\")]",
        None,
    ),
    ("`guarded`", "#[rejoin::guarded]", Some(30)),
    ("`task_group`", "#[rejoin::task_group]", None),
];

pub(crate) fn table() -> String {
    let mut table = String::from(
        "| nested async functions | target | deepest that is `Send` |\n|---|---|---|\n",
    );
    let workshop = Workshop::new("depth");
    let runtime = env!("CARGO_MANIFEST_DIR");
    workshop.put(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"depth\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             rejoin = {{ path = {runtime:?} }}\n\n[workspace]\n"
        ),
    );
    for (name, attribute, target) in KINDS {
        let fits = |depth| {
            workshop.put("src/lib.rs", &nested(attribute, depth));
            match workshop.run("check --offline") {
                Ok(_) => true,
                Err(said) if said.contains("overflow") => false,
                Err(said) => panic!("{name}: {said}"),
            }
        };
        let deepest = partition(fits);
        let target = target.map_or_else(String::new, |least| {
            format!("≥ {least}{}", verdict(deepest >= least))
        });
        let _ = writeln!(table, "| {name} | {target} | {deepest} |");
    }
    table
}

/// The greatest depth that fits; 1 does.
fn partition(fits: impl Fn(usize) -> bool) -> usize {
    let (mut good, mut bad) = (1, MOST);
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        if fits(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

/// So many functions, each of which awaits the next.
fn nested(attribute: &str, depth: usize) -> String {
    let mut source = format!(
        "pub fn outermost() -> impl Future<Output = Result<u32, rejoin::PanicError>> + Send {{ f{depth}(1) }}\n\
         async fn f0(number: u32) -> Result<u32, rejoin::PanicError> {{ Ok(number) }}\n"
    );
    for depth in 1..=depth {
        let inner = depth - 1;
        let _ = writeln!(
            source,
            "{attribute}\nasync fn f{depth}(number: u32) -> Result<u32, rejoin::PanicError> {{ f{inner}(number).await }}"
        );
    }
    source
}
