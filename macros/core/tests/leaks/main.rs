//! The verdicts on bodies, by their words.

mod bodies;
mod collections;
mod escapes;
mod flags;
mod futures;
mod group;
mod names;
mod patterns;
mod real;

use rejoin_macros_core::leak::report::{Options, leaks_of};
use rejoin_macros_core::scan::Around;

fn of(body: &str) -> Vec<String> {
    leaks_of(
        &syn::parse_str(&format!("async fn f() {{ {body} }}")).expect("a function"),
        Around::Nothing,
        &Options::default(),
    )
    .iter()
    .map(|leak| {
        let exit = leak.exit_message.clone().unwrap_or_default();
        format!("{} | {exit}", leak.message)
    })
    .collect()
}

/// Every body is accepted.
fn accepts(bodies: &[&str]) {
    let mut wrong = Vec::new();
    for body in bodies {
        let leaks = of(body);
        if !leaks.is_empty() {
            wrong.push(format!("{body}\n    {}", leaks.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every body is refused: the number of its leaks, and a word of each.
fn refuses(bodies: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (body, words) in bodies {
        let leaks = of(body);
        let right = leaks.len() == words.len()
            && leaks
                .iter()
                .zip(*words)
                .all(|(leak, word)| leak.contains(word));
        if !right {
            wrong.push(format!("{body}\n    {}", leaks.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
