//! Any tokens under any attribute, with any arguments.
//!
//! From bytes comes an attribute with its arguments and an item: Rust that `grow` makes, which `spoil` spoils, or noise.
//! Whatever it is, the attribute
//!
//! 1. does not panic, and does not overflow the 8 MiB of stack that rustc gives it;
//! 2. leaves the item as it was, changes it to something that parses as items, or reports errors with the item beside
//!    them, none of them twice;
//! 3. makes no more of it than a multiple of what it was, and so takes no more time than that for each of its tokens:
//!    `linear.rs` counts what it does on the way.
//!
//! The bytes are a fuzzer's, as in `fuzz/fuzz_targets/expand.rs`, or those of a seed.
//! `REJOIN_SEED=7 REJOIN_STREAMS=100000 cargo test -p rejoin-macros-core --test fuzz -- --nocapture` judges so many streams from that
//! seed on; a failure names the seed of its stream, and `REJOIN_STREAMS=1` with it judges that alone.

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::choices::Choices;
use super::{grow, spoil};
use rejoin_macros_core as core_crate;

/// An attribute on an item.
pub(crate) struct Case {
    attribute: &'static str,
    args: TokenStream,
    item: TokenStream,
}

impl Case {
    /// The case that these bytes stand for.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let choices = &mut Choices::new(bytes);
        let attribute = choices.of(&[
            "guarded",
            "guarded",
            "task_group",
            "task_group",
            "must_join",
            "must_join",
            "main",
        ]);
        let args = match choices.below(8) {
            0 => {
                let args = stream(&grow::Grow::args(choices));
                spoil::spoil(choices, args)
            }
            1 if choices.one_in(4) => spoil::noise(choices, 2),
            1..4 => TokenStream::new(),
            _ => stream(choices.of(usual(attribute))),
        };
        let item = if choices.one_in(16) {
            spoil::noise(choices, 5)
        } else {
            let item = stream(&grow::Grow::item(choices, attribute));
            spoil::spoil(choices, item)
        };
        Self {
            attribute,
            args,
            item,
        }
    }

    /// This attribute with these arguments, on an item.
    pub(crate) fn on(attribute: &'static str, args: &str, item: TokenStream) -> Self {
        Self {
            attribute,
            args: stream(args),
            item,
        }
    }

    /// Expands it, and judges what comes out.
    ///
    /// # Errors
    ///
    /// What is wrong with that.
    pub(crate) fn judge(&self) -> Result<(Outcome, TokenStream), String> {
        let (args, item) = (self.args.clone(), self.item.clone());
        let expanded = match self.attribute {
            "guarded" => core_crate::guarded(args, item),
            "task_group" => core_crate::task_group(args, item),
            "must_join" => core_crate::must_join(args, item),
            _ => core_crate::main(args, item),
        };
        // Errors and places for a limit take most of it, a return type is repeated at each discarded spawn.
        let (before, after) = (count(&self.args) + count(&self.item), count(&expanded));
        if after > 2_000 + 200 * before {
            return Err(format!("{before} tokens become {after}"));
        }
        let (written, text) = (self.item.to_string(), expanded.to_string());
        if text == written {
            return Ok((Outcome::Unchanged, expanded));
        }
        let errors = errors(expanded.clone());
        let mut seen = HashSet::new();
        // For a fuzzer proc-macro2 keeps no places, and so there is nothing to tell two faults apart.
        let mut placed = errors.iter().filter(|(line, _)| *line > 0);
        if let Some((_, twice)) = placed.find(|error| !seen.insert(*error)) {
            return Err(format!("an error comes twice: {twice}"));
        }
        if !errors.is_empty() {
            // `#[rejoin::main]` takes the `async` away, of which rustc would complain; and an error of `#[must_join]` about
            // a spawn that is conditional is conditional too.
            let told = text.starts_with(&written)
                || self.attribute == "main"
                || text.contains("] :: core :: compile_error !")
                    && parses(expanded.clone()).is_ok();
            return if told {
                Ok((Outcome::Refused, expanded))
            } else {
                Err(format!("the item is gone: {text}"))
            };
        }
        parses(expanded.clone()).map_err(|error| format!("{error}: {text}"))?;
        Ok((Outcome::Changed, expanded))
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#[{}({})] {}", self.attribute, self.args, self.item)
    }
}

/// Arguments that an attribute knows.
fn usual(attribute: &str) -> &'static [&'static str] {
    match attribute {
        "guarded" => &[
            "on_panic = \"unwind\"",
            "on_panic = \"recover\"",
            "on_panic = \"abort\"",
            "or = 1",
            "or = |panic| x, name = \"a\", crate = a::b",
        ],
        "task_group" => &[
            "limit = 2",
            "on_failure = \"collect\"",
            "on_failure = \"isolate\", on_panic = \"recover\"",
            "on_panic = \"abort\"",
            "deadline = \"2s\", grace = d, token = t.clone(), name = \"a\"",
        ],
        "must_join" => &["tracks(f, Self::m)", "name = \"a\", crate = a::b"],
        _ => &[
            "grace = \"1s\", worker_threads = 2",
            "flavor = \"local\", start_paused = true",
        ],
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Unchanged,
    Changed,
    Refused,
}

/// The tokens of a text; of one that ends in the middle of something, as much as can be had.
fn stream(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}

fn count(tokens: &TokenStream) -> usize {
    let of = |token| match token {
        TokenTree::Group(group) => 1 + count(&group.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(of).sum()
}

/// The messages of the `compile_error!`s beside the item, each with its place.
fn errors(tokens: TokenStream) -> Vec<(usize, String)> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let of = |window: &[TokenTree]| match window {
        [
            TokenTree::Ident(name),
            TokenTree::Punct(_),
            TokenTree::Group(message),
        ] if name == "compile_error" && message.delimiter() == Delimiter::Brace => {
            let place = name.span().start();
            Some((
                place.line,
                format!("{}: {}", place.column, message.stream()),
            ))
        }
        _ => None,
    };
    tokens.windows(3).filter_map(of).collect()
}

/// As items of a module, or else of an `impl`.
pub(crate) fn parses(tokens: TokenStream) -> syn::Result<()> {
    let methods = quote::quote!(impl S { #tokens });
    syn::parse2::<syn::File>(tokens).map(drop).or_else(|error| {
        syn::parse2::<syn::ItemImpl>(methods)
            .map(drop)
            .map_err(|_| error)
    })
}
