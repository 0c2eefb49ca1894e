//! Makes of tokens such that no grammar would: some dropped, doubled, exchanged, wrapped, or with the spans of others.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::choices::Choices;

/// Spoils a stream here and there, or leaves it as it is.
pub(super) fn spoil(choices: &mut Choices<'_>, tokens: TokenStream) -> TokenStream {
    let faults = choices.of(&[0, 0, 0, 1, 1, 2, 3]);
    let mut tokens = tokens;
    for _ in 0..faults {
        tokens = once(choices, tokens, 0);
    }
    tokens
}

/// One fault, somewhere in the stream.
fn once(choices: &mut Choices<'_>, tokens: TokenStream, depth: usize) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return noise(choices, 2);
    }
    let at = choices.below(tokens.len());
    if let TokenTree::Group(group) = &tokens[at]
        && depth < 40
        && !choices.one_in(4)
    {
        let inner = once(choices, group.stream(), depth + 1);
        let mut spoiled = Group::new(group.delimiter(), inner);
        spoiled.set_span(group.span());
        tokens[at] = TokenTree::Group(spoiled);
        return tokens.into_iter().collect();
    }
    match choices.below(10) {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(at, tokens[at].clone()),
        2 => {
            let other = choices.below(tokens.len());
            tokens.swap(at, other);
        }
        // As the fragments of a macro come.
        3 | 4 => {
            let end = at + 1 + choices.below((tokens.len() - at).min(6));
            let inner: TokenStream = tokens.drain(at..end).collect();
            tokens.insert(at, TokenTree::Group(Group::new(Delimiter::None, inner)));
        }
        5 => {
            let mut inner = TokenStream::from(tokens[at].clone());
            let delimiter = delimiter(choices);
            for _ in 0..=choices.below(60) {
                inner = TokenTree::Group(Group::new(delimiter, inner)).into();
            }
            tokens.splice(at..=at, inner);
        }
        6 => {
            let span = tokens[choices.below(tokens.len())].span();
            tokens[at].set_span(span);
        }
        7 => tokens[at].set_span(Span::call_site()),
        8 => {
            let TokenTree::Group(group) = &tokens[at] else {
                tokens.truncate(at);
                return tokens.into_iter().collect();
            };
            let opened = group.stream();
            tokens.splice(at..=at, opened);
        }
        _ => {
            let noise = noise(choices, 2);
            tokens.splice(at..at, noise);
        }
    }
    tokens.into_iter().collect()
}

fn delimiter(choices: &mut Choices<'_>) -> Delimiter {
    choices.of(&[
        Delimiter::None,
        Delimiter::Parenthesis,
        Delimiter::Brace,
        Delimiter::Bracket,
    ])
}

/// Tokens without any sense.
pub(super) fn noise(choices: &mut Choices<'_>, depth: usize) -> TokenStream {
    const PUNCTS: &[u8] = b"!#$%&'*+,-./:;<=>?@^|~";
    let mut tokens = TokenStream::new();
    for _ in 0..choices.below(12) {
        let span = Span::mixed_site();
        tokens.extend([match choices.below(8) {
            0 | 1 => {
                let spacing = choices.of(&[Spacing::Alone, Spacing::Joint]);
                TokenTree::Punct(Punct::new(char::from(choices.of(PUNCTS)), spacing))
            }
            2 | 3 if depth > 0 => {
                let inner = noise(choices, depth - 1);
                TokenTree::Group(Group::new(delimiter(choices), inner))
            }
            4 => TokenTree::Literal(match choices.below(6) {
                0 => Literal::u8_suffixed(0),
                1 => Literal::string("{spawn"),
                2 => Literal::f64_unsuffixed(-1.5),
                3 => Literal::byte_string(b"\xff"),
                4 => Literal::character('\u{0}'),
                _ => Literal::i128_unsuffixed(i128::MIN),
            }),
            5 => TokenTree::Ident(Ident::new_raw("spawn", span)),
            _ => TokenTree::Ident(Ident::new(
                choices.of(&[
                    "fn", "async", "spawn", "tokio", "x", "impl", "mod", "trait", "if", "else",
                    "match", "let", "move", "select", "return", "unsafe", "pub", "use", "for",
                    "where", "crate", "self", "await", "dyn", "union", "auto", "default", "_",
                ]),
                span,
            )),
        }]);
    }
    tokens
}
