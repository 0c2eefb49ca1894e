//! Counts, in the sources of these folders, the calls of something called `spawn`, `spawn_blocking` or `spawn_local`, by how
//! they are written and by what an attribute on each function would make of them, and lists those that it would not see.
//!
//! ```text
//! cargo run -p rejoin-macros-core --example seen -- ~/.cargo/registry/src/*/{mini-redis-0.4.1,tarpc-0.37.0}
//! ```

mod functions;

use std::collections::BTreeMap;
use std::path::PathBuf;

use functions::{files, functions};
use proc_macro2::{Delimiter, LineColumn, TokenStream, TokenTree};
use quote::ToTokens;
use rejoin_macros_core::scan::{Callee, Sites};
use syn::Block;

const NAMES: [&str; 3] = ["spawn", "spawn_blocking", "spawn_local"];

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is certain what it is.
    Owned,
    /// The type of its receiver decides.
    ByType,
    NotSeen,
}

/// By its place in a file: how a call is written, and what becomes of it.
type Calls = BTreeMap<(usize, usize), (String, Verdict)>;

fn place(at: LineColumn) -> (usize, usize) {
    (at.line, at.column)
}

/// Adds the calls of a function.
fn read(block: &Block, sites: &Sites, calls: &mut Calls) {
    calls_in(block.to_token_stream(), calls);
    for (_, site) in sites.iter() {
        let verdict = match site.callee {
            Callee::Method(_) if !site.is_handle => Verdict::ByType,
            Callee::Method(_) | Callee::Path { .. } => Verdict::Owned,
        };
        if let Some(call) = calls.get_mut(&place(site.span.1.start())) {
            call.1 = verdict;
        }
    }
}

/// The calls in tokens, whatever macro they stand in.
fn calls_in(tokens: TokenStream, calls: &mut Calls) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => calls_in(group.stream(), calls),
            TokenTree::Ident(name) if NAMES.iter().any(|known| name == known) => {
                let is_call = tokens[index + 1..]
                    .iter()
                    .find_map(|token| match token {
                        TokenTree::Group(group) => Some(group),
                        _ => None,
                    })
                    .filter(|_| {
                        matches!(
                            tokens.get(index + 1),
                            Some(TokenTree::Group(_) | TokenTree::Punct(_))
                        )
                    })
                    .is_some_and(|group| {
                        group.delimiter() == Delimiter::Parenthesis && !group.stream().is_empty()
                    });
                let form = form_of(&tokens[..index], &name.to_string());
                if let Some(form) = form.filter(|_| is_call) {
                    let call = calls.entry(place(name.span().start()));
                    call.or_insert((form, Verdict::NotSeen));
                }
            }
            _ => {}
        }
    }
}

/// How a call is written: its path, or `.name` of a method. `None` of a definition.
fn form_of(before: &[TokenTree], name: &str) -> Option<String> {
    match before {
        [.., TokenTree::Ident(word)] if word == "fn" => None,
        [.., TokenTree::Punct(dot)] if dot.as_char() == '.' => Some(format!(".{name}")),
        [
            rest @ ..,
            TokenTree::Ident(segment),
            TokenTree::Punct(one),
            TokenTree::Punct(two),
        ] if one.as_char() == ':' && two.as_char() == ':' => {
            form_of(rest, &format!("{segment}::{name}"))
        }
        _ => Some(name.to_owned()),
    }
}

fn class(form: &str) -> &'static str {
    match form {
        _ if form.starts_with("tokio::") || form.starts_with("std::") => "a path in full",
        _ if form.starts_with("task::") || form.starts_with("thread::") => "`task::…`, `thread::…`",
        _ if form.starts_with('.') => "a method",
        _ if form.contains("::") => "another path",
        _ => "a bare name",
    }
}

fn main() {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let folders = std::env::args_os().skip(1).map(PathBuf::from);
    for (path, file) in folders.flat_map(|folder| files(&folder).collect::<Vec<_>>()) {
        let mut calls = Calls::new();
        functions(&path, &file, |block, _, sites, _| {
            read(block, sites, &mut calls);
        });
        for ((line, _), (form, verdict)) in calls {
            counts.entry(class(&form)).or_default()[verdict as usize] += 1;
            if verdict == Verdict::NotSeen {
                println!("{}:{line}: {form}", path.display());
            }
        }
    }
    println!("| written as | owned | by the type of the receiver | not seen |");
    println!("|---|---|---|---|");
    for (class, [owned, by_type, not_seen]) in counts {
        println!("| {class} | {owned} | {by_type} | {not_seen} |");
    }
}
