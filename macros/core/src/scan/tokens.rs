//! Spawns in the input of macros.
//!
//! The branches of `select!` and lists of expressions are read as syntax. Any other input is read as tokens:
//! `path(one argument)` is a spawn wherever the path is one, so is `path().method(one argument)`, and what stands in braces
//! and can be read as statements is treated as such.

use std::cell::OnceCell;
use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Macro, Path, Token};

use super::calls::{is_current_handle, kind_of};
use super::discard::Fate;
use super::macros::{self, CRATES, Input};
use super::select::{Select, Waits as BranchWaits};
use super::{Scan, Waits};

impl Scan<'_> {
    /// What a macro that is called means, if its input is read.
    fn input_of(&self, path: &Path) -> Input {
        let Some(last) = path.segments.last() else {
            return Input::Opaque;
        };
        let Some(known) = macros::find(&last.ident) else {
            return Input::Opaque;
        };
        let is_known = match self.resolver.resolve_macro(path) {
            Some(full) => matches!(&*full, [first, .., name]
                if *name == known.name && CRATES.contains(&&**first)),
            // Its spawns are read by their paths, which no other macro would take for something else.
            None => self.resolver.is_undeclared_macro(path),
        };
        if is_known { known.input } else { Input::Opaque }
    }

    /// A macro that is called, and what becomes of its value.
    pub(super) fn invocation(&mut self, mac: &mut Macro, fate: &Fate) {
        let input = self.input_of(&mac.path);
        if input == Input::Opaque {
            return;
        }
        let before = self.sites.len();
        let captured = std::mem::replace(&mut self.captured, true);
        let tokens = self.waiting(Waits::Around, |scan| match input {
            Input::Branches => scan.branches_of_select(&mac.tokens, fate),
            Input::Elements => scan.elements(&mac.tokens, fate),
            Input::Value => scan.value(&mac.tokens, fate),
            Input::Opaque | Input::Tokens => None,
        });
        let tokens = tokens.unwrap_or_else(|| {
            let all = All {
                tokens: mac.tokens.clone(),
                uncalled: OnceCell::new(),
            };
            self.waiting(Waits::Around, |scan| scan.walk(mac.tokens.clone(), &all))
        });
        self.captured = captured;
        if self.sites.len() != before {
            mac.tokens = tokens;
        }
    }

    fn branches_of_select(&mut self, tokens: &TokenStream, fate: &Fate) -> Option<TokenStream> {
        let mut select: Select = syn::parse2(tokens.clone()).ok()?;
        for branch in &mut select.branches {
            self.resolver.enter_scope();
            if let BranchWaits::Future {
                pattern,
                future,
                condition,
                ..
            } = &mut branch.waits
            {
                let fate = Fate::matched(vec![Self::arm_pattern(pattern, &branch.handler)]);
                self.awaited(future, &fate);
                if let Some((_, _, condition)) = condition {
                    self.expr(condition, &Fate::Used);
                }
                self.resolver.bind(pattern);
            }
            self.expr(&mut branch.handler, fate);
            self.resolver.leave_scope();
        }
        Some(select.into_token_stream())
    }

    fn elements(&mut self, tokens: &TokenStream, fate: &Fate) -> Option<TokenStream> {
        let mut elements = Punctuated::<Expr, Token![,]>::parse_terminated
            .parse2(tokens.clone())
            .ok()?;
        let fate = if matches!(fate, Fate::Dropped { .. }) {
            Fate::TYPED
        } else {
            Fate::Used
        };
        for element in &mut elements {
            self.expr(element, &fate);
        }
        Some(elements.into_token_stream())
    }

    fn value(&mut self, tokens: &TokenStream, fate: &Fate) -> Option<TokenStream> {
        let mut values = Punctuated::<Expr, Token![,]>::parse_terminated
            .parse2(tokens.clone())
            .ok()?;
        let fate = if values.len() == 1 {
            fate.clone()
        } else {
            Fate::Used
        };
        for value in &mut values {
            self.expr(value, &fate);
        }
        Some(values.into_token_stream())
    }

    fn walk(&mut self, tokens: TokenStream, all: &All) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let closing = OnceCell::new();
        let mut done = TokenStream::new();
        let mut index = 0;
        while index < tokens.len() {
            let begins = index == 0 || may_precede_path(&tokens[..index]);
            if begins && let Some((mut expr, length)) = self.call_at(&tokens, index, &closing, all)
            {
                let before = self.sites.len();
                self.expr(&mut expr, &Fate::Used);
                if self.sites.len() != before {
                    expr.to_tokens(&mut done);
                    index += length;
                    continue;
                }
            }
            match &tokens[index] {
                TokenTree::Group(group) => {
                    let own_body = follows_closure_or_async(&tokens[..index]);
                    let waits = if own_body {
                        Waits::Never
                    } else {
                        Waits::Around
                    };
                    let group = self.waiting(waits, |scan| scan.enter(group, all));
                    done.extend([TokenTree::Group(group)]);
                }
                other => done.extend([other.clone()]),
            }
            index += 1;
        }
        done
    }

    /// A group with its spawns replaced.
    fn enter(&mut self, group: &Group, all: &All) -> Group {
        let before = self.sites.len();
        let mut inner = None;
        if group.delimiter() == Delimiter::Brace
            && let Ok(stmts) = Block::parse_within.parse2(group.stream())
        {
            let mut block = Block {
                brace_token: syn::token::Brace::default(),
                stmts,
            };
            self.block(&mut block, &Fate::Used);
            let mut tokens = TokenStream::new();
            for stmt in &block.stmts {
                stmt.to_tokens(&mut tokens);
            }
            inner = Some(tokens);
        }
        let inner = inner.unwrap_or_else(|| self.walk(group.stream(), all));
        if self.sites.len() == before {
            return group.clone();
        }
        let mut rewritten = Group::new(group.delimiter(), inner);
        rewritten.set_span(group.span());
        rewritten
    }

    /// `path(argument)` or `path().method(argument)` at a place, and how many tokens it is long.
    ///
    /// The arguments are read only where the path may be that of a spawn.
    fn call_at(
        &self,
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
                if !self.may_spawn(&path) {
                    return None;
                }
                length += generics(length)?;
                break;
            }
        }
        let mut arguments = parenthesized(tokens.get(length)?)?;
        if !self.may_spawn(&path)
            || path
                .get_ident()
                .is_some_and(|name| all.mentions_otherwise(&name.to_string()))
        {
            return None;
        }
        length += 1;
        if arguments.is_empty() {
            let (method, rest) = tokens.get(length..)?.split_at_checked(2)?;
            if !matches!(method, [TokenTree::Punct(dot), TokenTree::Ident(_)] if dot.as_char() == '.')
            {
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

    /// Whether a path is that of a spawn, of `Handle::current`, or of `drop`.
    fn may_spawn(&self, path: &Path) -> bool {
        self.resolver.resolve(path).is_some_and(|full| {
            kind_of(&full).is_some()
                || is_current_handle(&full)
                || full == ["std", "mem", "drop"]
                || full == ["std", "mem", "forget"]
        })
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
