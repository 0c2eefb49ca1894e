//! Whether the value of a spawn is discarded.

use std::collections::{HashMap, HashSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Block, Expr, Ident, Local, Pat, Stmt};

use super::calls::{peel, recognise};
use super::imports::{Names, plain_binding};

/// What an expression in a place that discards its value consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every arm that yields a value is a recognised spawn, and there is one.
    Spawn,
    /// It yields no value: it leaves, or ends with a statement.
    Nothing,
    /// Something else: its spawns are held.
    Other,
}

impl Verdict {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Other, _) | (_, Self::Other) => Self::Other,
            (Self::Nothing, Self::Nothing) => Self::Nothing,
            _ => Self::Spawn,
        }
    }
}

/// The verdict on an expression whose value nobody has.
pub fn verdict(expr: &Expr, names: &Names) -> Verdict {
    match expr {
        Expr::Paren(inner) => verdict(&inner.expr, names),
        Expr::Group(inner) => verdict(&inner.expr, names),
        Expr::Block(inner) if inner.label.is_none() => block(&inner.block, names),
        Expr::Unsafe(inner) => block(&inner.block, names),
        Expr::If(inner) => match &inner.else_branch {
            Some((_, otherwise)) => block(&inner.then_branch, names).and(verdict(otherwise, names)),
            None => Verdict::Other,
        },
        Expr::Match(inner) => inner
            .arms
            .iter()
            .map(|arm| verdict(&arm.body, names))
            .fold(Verdict::Nothing, Verdict::and),
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Verdict::Nothing,
        Expr::Macro(inner) if diverges(&inner.mac.path) => Verdict::Nothing,
        expr if recognise(expr, names).is_some() => Verdict::Spawn,
        _ => Verdict::Other,
    }
}

/// The verdict on a block; the names that it declares are looked at when it is entered.
fn block(block: &Block, names: &Names) -> Verdict {
    let declares = block.stmts.iter().any(|stmt| matches!(stmt, Stmt::Item(_)));
    match block.stmts.last() {
        Some(Stmt::Expr(expr, None)) => match verdict(expr, names) {
            // Its own items could make this a different name.
            Verdict::Spawn if declares => Verdict::Other,
            verdict => verdict,
        },
        Some(Stmt::Macro(stmt)) if stmt.semi_token.is_none() => {
            if diverges(&stmt.mac.path) {
                Verdict::Nothing
            } else {
                Verdict::Other
            }
        }
        _ => Verdict::Nothing,
    }
}

fn diverges(path: &syn::Path) -> bool {
    path.segments.last().is_some_and(|last| {
        ["panic", "todo", "unimplemented", "unreachable"]
            .iter()
            .any(|name| last.ident == name)
    })
}

/// Whether a `let` discards its value: `let _ = …`, or a `_name` that the statements after it never mention.
pub fn binds_nothing(local: &Local, after: &mut After<'_>) -> bool {
    if local
        .init
        .as_ref()
        .is_none_or(|init| init.diverge.is_some())
    {
        return false;
    }
    match &local.pat {
        Pat::Wild(_) => true,
        pat => plain_binding(pat).is_some_and(|binding| {
            let name = binding.ident.to_string();
            name.starts_with('_') && !after.mentions(&name)
        }),
    }
}

/// The statements of a block after one of them.
pub struct After<'a> {
    pub stmts: &'a [Stmt],
    /// The place of the first of them in the block.
    pub begin: usize,
    /// What is known of the block, once it was asked.
    pub mentions: &'a mut Option<Mentions>,
}

/// Where the statements of a block mention a name that begins with `_`, and where they bind it anew.
pub struct Mentions(HashMap<String, Vec<(usize, Mention)>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mention {
    Uses,
    Binds,
}

impl After<'_> {
    /// Whether they mention a name before they bind it anew.
    fn mentions(&mut self, name: &str) -> bool {
        let (stmts, begin) = (self.stmts, self.begin);
        // One pass for all names of the block; those before this statement are not asked about any more.
        let Mentions(all) = self
            .mentions
            .get_or_insert_with(|| Mentions::of(stmts, begin));
        let Some(places) = all.get(name) else {
            return false;
        };
        let first = places.partition_point(|(place, _)| *place < begin);
        matches!(places.get(first), Some((_, Mention::Uses)))
    }
}

impl Mentions {
    fn of(stmts: &[Stmt], begin: usize) -> Self {
        let mut all: HashMap<String, Vec<(usize, Mention)>> = HashMap::new();
        for (place, stmt) in (begin..).zip(stmts) {
            let mut found = HashSet::new();
            let mut again = None;
            if let Stmt::Local(local) = stmt
                && let Some(binding) = plain_binding(&local.pat)
            {
                let name = binding.ident.to_string();
                let mut used = HashSet::new();
                if let Some(init) = &local.init {
                    names(init.expr.to_token_stream(), &mut used);
                }
                if !used.contains(&name) {
                    again = Some(name);
                }
            }
            names(stmt.to_token_stream(), &mut found);
            if let Some(name) = again {
                found.remove(&name);
                // Under a `cfg` this binding may not exist.
                if matches!(stmt, Stmt::Local(local) if local.attrs.is_empty()) {
                    all.entry(name).or_default().push((place, Mention::Binds));
                }
            }
            for name in found {
                all.entry(name).or_default().push((place, Mention::Uses));
            }
        }
        Self(all)
    }
}

/// The names that begin with `_` in tokens, be it in a format string.
fn names(tokens: TokenStream, found: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                if name.starts_with('_') {
                    found.insert(name);
                }
            }
            TokenTree::Group(group) => names(group.stream(), found),
            TokenTree::Literal(literal) => {
                let literal = literal.to_string();
                if literal.contains('"') {
                    for part in literal.split("{_").skip(1) {
                        let end = part
                            .find(|c: char| c != '_' && !c.is_alphanumeric())
                            .unwrap_or(part.len());
                        found.insert(format!("_{}", &part[..end]));
                    }
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// Whether tokens contain a name, be it in a format string.
pub fn has_name(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => has_name(group.stream(), name),
        TokenTree::Literal(literal) => {
            let literal = literal.to_string();
            literal.contains('"') && literal.contains(&format!("{{{name}"))
        }
        TokenTree::Punct(_) => false,
    })
}

/// Whether the value of the expression goes to `_`.
pub fn assigned_to_nothing(expr: &Expr) -> bool {
    matches!(expr, Expr::Assign(assign) if matches!(peel(&assign.left), Expr::Infer(_)))
}
