//! Spawns in the input of macros whose input is known to be expressions.
//!
//! Input is read as tokens: `path(one argument)` is a spawn wherever the path is one, so is `path().method(one argument)`,
//! and what stands in braces and can be read as statements is treated as such.

use std::cell::OnceCell;
use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Ident, Macro, Path, Token};

use super::calls::{kind_of, recognise};
use super::imports::Names;
use super::spawn::{Rewrite, Waits};
use crate::leak::build as flow;
use syn::visit_mut::VisitMut;

/// Macros of std, tokio and futures that take expressions.
const KNOWN: [&str; 28] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "join",
    "matches",
    "panic",
    "pin",
    "poll",
    "print",
    "println",
    "ready",
    "select",
    "select_biased",
    "todo",
    "try_join",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Whether a pass reads the input of macros with this name.
pub fn is_read(name: &Ident) -> bool {
    KNOWN.iter().any(|known| name == known) || flow::is_read(name)
}

fn is_known(path: &Path) -> bool {
    let Some(last) = path.segments.last() else {
        return false;
    };
    let from = path.segments.first().filter(|_| path.segments.len() > 1);
    KNOWN.iter().any(|name| last.ident == name)
        && from.is_none_or(|first| {
            ["std", "core", "alloc", "tokio", "futures", "futures_util"]
                .iter()
                .any(|name| first.ident == name)
        })
}

/// Replaces the spawns in the input of a macro, if it is one of the known ones.
pub fn rewrite(pass: &mut Rewrite<'_>, mac: &mut Macro) {
    if !is_known(&mac.path)
        || (mac.path.segments.len() == 1
            && mac
                .path
                .segments
                .first()
                .is_some_and(|name| !pass.names.is_prelude(&name.ident.to_string())))
    {
        return;
    }
    let replaced = pass.replaced;
    let tokens = mac.tokens.clone();
    let all = All {
        tokens: tokens.clone(),
        uncalled: OnceCell::new(),
    };
    let rewritten = pass.waiting(Waits::Around, |pass| walk(pass, tokens, &all));
    if pass.replaced != replaced {
        mac.tokens = rewritten;
    }
}

/// The whole input of a macro.
struct All {
    tokens: TokenStream,
    /// The names that stand somewhere without being called, once they are asked for.
    uncalled: OnceCell<HashSet<String>>,
}

impl All {
    /// Whether a name stands somewhere without being called: it may be bound there.
    fn mentions_otherwise(&self, name: &str) -> bool {
        self.uncalled
            .get_or_init(|| {
                let mut found = HashSet::new();
                uncalled(self.tokens.clone(), &mut found);
                found
            })
            .contains(name)
    }
}

fn walk(pass: &mut Rewrite<'_>, tokens: TokenStream, all: &All) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let closing = OnceCell::new();
    let mut done = TokenStream::new();
    let mut index = 0;
    while index < tokens.len() {
        let begins = index == 0 || may_precede_path(&tokens[..index]);
        if begins
            && let Some((expr, length)) = call_at(pass.names, &tokens, index, &closing, all)
            && recognise(&expr, pass.names).is_some()
        {
            let mut expr = expr;
            pass.visit_expr_mut(&mut expr);
            expr.to_tokens(&mut done);
            index += length;
            continue;
        }
        match &tokens[index] {
            TokenTree::Group(group) => {
                let own_body = follows_closure_or_async(&tokens[..index]);
                let waits = if own_body {
                    Waits::Never
                } else {
                    Waits::Around
                };
                let first = pass.slots.len();
                let mut group = pass.waiting(waits, |pass| enter(pass, group, all));
                if own_body && group.delimiter() == Delimiter::Brace && !is_move(&tokens[..index]) {
                    group = begin_with(pass.borrowed(first), group);
                }
                done.extend([TokenTree::Group(group)]);
            }
            other => done.extend([other.clone()]),
        }
        index += 1;
    }
    done
}

/// A group with its spawns replaced.
fn enter(pass: &mut Rewrite<'_>, group: &Group, all: &All) -> Group {
    let replaced = pass.replaced;
    let mut inner = None;
    if group.delimiter() == Delimiter::Brace
        && let Ok(stmts) = Block::parse_within.parse2(group.stream())
    {
        let mut block = Block {
            brace_token: syn::token::Brace::default(),
            stmts,
        };
        pass.block(&mut block, false);
        let mut tokens = TokenStream::new();
        for stmt in &block.stmts {
            stmt.to_tokens(&mut tokens);
        }
        inner = Some(tokens);
    }
    let inner = inner.unwrap_or_else(|| walk(pass, group.stream(), all));
    if pass.replaced == replaced {
        return group.clone();
    }
    let mut rewritten = Group::new(group.delimiter(), inner);
    rewritten.set_span(group.span());
    rewritten
}

/// `path(argument)` or `path().method(argument)` at a place, and how many tokens it is long.
///
/// The arguments are read only where the path is that of a spawn.
fn call_at(
    names: &Names,
    all_tokens: &[TokenTree],
    begin: usize,
    closing: &OnceCell<Vec<Option<usize>>>,
    all: &All,
) -> Option<(Expr, usize)> {
    let tokens = &all_tokens[begin..];
    let generics = |at: usize| {
        let closing = closing.get_or_init(|| closing_brackets(all_tokens));
        (closing[begin + at]? + 1).checked_sub(begin + at)
    };
    let mut length = 0;
    let mut path = Path {
        leading_colon: None,
        segments: Punctuated::new(),
    };
    if let [TokenTree::Punct(colon), ..] = tokens
        && is_colons(tokens)
    {
        path.leading_colon = Some(Token![::](colon.span()));
        length = 2;
    }
    loop {
        match tokens.get(length)? {
            TokenTree::Ident(name) => path.segments.push(name.clone().into()),
            _ => return None,
        }
        length += 1;
        if !is_colons(tokens.get(length..)?) {
            break;
        }
        length += 2;
        if matches!(tokens.get(length)?, TokenTree::Punct(punct) if punct.as_char() == '<') {
            if !may_spawn(names, &path) {
                return None;
            }
            length += generics(length)?;
            break;
        }
    }
    let mut arguments = parenthesized(tokens.get(length)?)?;
    if !may_spawn(names, &path)
        || path
            .get_ident()
            .is_some_and(|name| all.mentions_otherwise(&name.to_string()))
    {
        return None;
    }
    length += 1;
    if arguments.is_empty() {
        let (method, rest) = tokens.get(length..)?.split_at_checked(2)?;
        if !matches!(method, [TokenTree::Punct(dot), TokenTree::Ident(_)] if dot.as_char() == '.') {
            return None;
        }
        length += 2;
        if is_colons(rest) {
            length += 2;
            length += generics(length)?;
        }
        arguments = parenthesized(tokens.get(length)?)?;
        length += 1;
    }
    let arguments = Punctuated::<Expr, Token![,]>::parse_terminated
        .parse2(arguments)
        .ok()?;
    if arguments.len() != 1 {
        return None;
    }
    let call = tokens[..length].iter().cloned().collect();
    Some((syn::parse2(call).ok()?, length))
}

/// Whether a path is that of a spawn, or of `Handle::current`.
fn may_spawn(names: &Names, path: &Path) -> bool {
    names.resolve(path).is_some_and(|full| {
        kind_of(&full).is_some() || full == ["tokio", "runtime", "Handle", "current"]
    })
}

/// With each `<` the place of its `>`.
fn closing_brackets(tokens: &[TokenTree]) -> Vec<Option<usize>> {
    let mut closing = vec![None; tokens.len()];
    let mut open = Vec::new();
    let mut arrow = false;
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Punct(punct) = token else {
            continue;
        };
        match punct.as_char() {
            '<' => open.push(index),
            '>' if !arrow => {
                if let Some(begin) = open.pop() {
                    closing[begin] = Some(index);
                }
            }
            _ => {}
        }
        arrow = punct.as_char() == '-' && punct.spacing() == Spacing::Joint;
    }
    closing
}

/// What stands in parentheses.
fn parenthesized(token: &TokenTree) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            Some(group.stream())
        }
        _ => None,
    }
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(first), TokenTree::Punct(second), ..]
        if first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':')
}

/// Finds the names that stand somewhere without being called.
fn uncalled(tokens: TokenStream, found: &mut HashSet<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                let called = matches!(tokens.peek(), Some(TokenTree::Group(group))
                    if group.delimiter() == Delimiter::Parenthesis);
                if !called {
                    found.insert(ident.to_string());
                }
            }
            TokenTree::Group(group) => uncalled(group.stream(), found),
            _ => {}
        }
    }
}

/// Whether a path may begin after these tokens: not in the middle of one, nor as the name of a method or an item.
fn may_precede_path(before: &[TokenTree]) -> bool {
    match before.last() {
        Some(TokenTree::Punct(punct)) => match punct.as_char() {
            // `..spawn(f)` is a range.
            '.' => matches!(before, [.., TokenTree::Punct(dot), _] if dot.as_char() == '.'),
            ':' => !matches!(before, [.., TokenTree::Punct(colon), _]
                if colon.as_char() == ':' && colon.spacing() == Spacing::Joint),
            '\'' | '#' | '$' | '@' => false,
            _ => true,
        },
        Some(TokenTree::Ident(ident)) => ["return", "in", "if", "match", "else", "break", "while"]
            .iter()
            .any(|keyword| ident == keyword),
        Some(TokenTree::Literal(_)) => false,
        Some(TokenTree::Group(_)) | None => true,
    }
}

fn follows_closure_or_async(before: &[TokenTree]) -> bool {
    match before.last() {
        Some(TokenTree::Ident(ident)) => ident == "async" || ident == "move",
        Some(TokenTree::Punct(punct)) => punct.as_char() == '|',
        _ => false,
    }
}

/// Whether the closure or the async block whose body comes next owns what it uses.
fn is_move(before: &[TokenTree]) -> bool {
    let is = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "move");
    let bar =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '|');
    let Some((last, front)) = before.split_last() else {
        return false;
    };
    if !bar(last) {
        return is(last);
    }
    // `move |a, b|`: what stands before the bar that opens the list.
    let open = front.iter().rposition(bar);
    open.and_then(|open| open.checked_sub(1))
        .is_some_and(|at| is(&front[at]))
}

/// A group with tokens before its own.
fn begin_with(begin: TokenStream, group: Group) -> Group {
    if begin.is_empty() {
        return group;
    }
    let tokens = begin.into_iter().chain(group.stream()).collect();
    let mut longer = Group::new(group.delimiter(), tokens);
    longer.set_span(group.span());
    longer
}
