//! Macros: the input of known ones is read; the variables that all others mention count as joined.

use proc_macro2::{Delimiter, Literal, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Macro, Token};

use super::exprs::Place;
use super::tables::{DIVERGING, LOGGING, LOOKING};
use super::values::{Completion, Value};
use super::{Access, CfgBuilder, Event, LeakKind, Many};

/// `expression`, or `name = expression` as in format macros.
struct Argument(Expr);

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
        }
        input.parse().map(Self)
    }
}

impl CfgBuilder<'_> {
    pub(super) fn invoke_macro(&mut self, mac: &Macro) -> Value {
        let sites = self.sites;
        if let Some((_, site)) = sites.of_macro(mac) {
            return self.site(site);
        }
        let Some(name) = mac.path.segments.last().map(|last| last.ident.clone()) else {
            return Value::None;
        };
        let text = name.unraw().to_string();
        // A macro of this crate is another one, unless its name alone says that it returns an error.
        if text != "bail"
            && text != "ensure"
            && mac.path.get_ident().is_some()
            && self.resolver.resolve_macro(&mac.path).is_none()
            && !self.resolver.is_undeclared_macro(&mac.path)
        {
            return self.unknown_macro(mac);
        }
        let read = match &*text {
            "vec" | "smallvec" => self.list(mac),
            "join" => self.join_macro(mac),
            "try_join" => {
                Self::arguments(mac).map(|args| self.try_join(&args.iter().collect::<Vec<_>>()))
            }
            "select" | "select_biased" => self.select(mac),
            "pin" => self.pin(mac),
            "dbg" => self.debugged(mac),
            "matches" => self.matches(mac),
            "bail" => {
                self.look(mac);
                self.bails(name.span());
                Some(Value::None)
            }
            "ensure" => self.ensure(mac, &name),
            "cfg" | "concat" | "env" | "file" | "include_str" | "line" | "stringify" => {
                Some(Value::None)
            }
            _ if LOOKING.has(&name) || LOGGING.has(&name) => {
                self.look(mac);
                Some(Value::None)
            }
            _ if DIVERGING.has(&name) => {
                self.look(mac);
                self.dead();
                Some(Value::None)
            }
            _ => None,
        };
        read.unwrap_or_else(|| self.unknown_macro(mac))
    }

    fn unknown_macro(&mut self, mac: &Macro) -> Value {
        for var in self.mentioned(mac.tokens.clone()) {
            self.event(Event::Join(var));
        }
        Value::None
    }

    fn arguments(mac: &Macro) -> Option<Vec<Expr>> {
        Self::arguments_of(mac.tokens.clone())
    }

    fn arguments_of(tokens: TokenStream) -> Option<Vec<Expr>> {
        let parse = |input: ParseStream<'_>| {
            if input.peek(Ident) && input.peek2(Token![;]) {
                input.parse::<Ident>()?;
                input.parse::<Token![;]>()?;
            }
            Punctuated::<Argument, Token![,]>::parse_terminated(input)
        };
        let args = parse.parse2(tokens).ok()?;
        Some(args.into_iter().map(|Argument(expr)| expr).collect())
    }

    /// `vec![a, b]`
    fn list(&mut self, mac: &Macro) -> Option<Value> {
        let args = Self::arguments(mac)?;
        let parts: Vec<_> = args.iter().map(|arg| self.value(arg)).collect();
        Some(if parts.is_empty() {
            Value::Collection(Many::List)
        } else {
            Value::List(parts)
        })
    }

    fn join_macro(&mut self, mac: &Macro) -> Option<Value> {
        let args = Self::arguments(mac)?;
        let values: Vec<_> = args.iter().map(|arg| self.value(arg)).collect();
        self.consume_all(values);
        Some(Value::None)
    }

    /// The first error drops the handles that are passed by value; those that are lent have completed if all are `Ok`.
    pub(super) fn try_join(&mut self, args: &[&Expr]) -> Value {
        let values: Vec<_> = args.iter().copied().map(|arg| self.value(arg)).collect();
        let mut lent = Vec::new();
        for (arg, value) in args.iter().zip(values) {
            match value {
                Value::Handles(held) if args.len() > 1 && !held.lazy => {
                    self.lose(held, LeakKind::TryJoin, arg.span());
                }
                Value::Ref(var, Access::Await | Access::Item) => {
                    self.lend(var);
                    lent.push(Completion::Of(var));
                }
                value => self.consume(value),
            }
        }
        if lent.is_empty() {
            Value::None
        } else {
            Value::WhenOk(lent)
        }
    }

    /// `tokio::pin!(h);` shadows the name with a pinned reference, `std::pin::pin!(h)` returns one.
    fn pin(&mut self, mac: &Macro) -> Option<Value> {
        let args = Self::arguments(mac)?;
        let [arg] = &*args else { return None };
        Some(match self.place(arg) {
            Place::Var(var) => Value::Ref(var, Access::Await),
            Place::Ref(var, access) => Value::Ref(var, access),
            Place::Value(value) => value,
            Place::Part(_) | Place::Field(..) => return None,
        })
    }

    fn debugged(&mut self, mac: &Macro) -> Option<Value> {
        let args = Self::arguments(mac)?;
        let mut values: Vec<_> = args.iter().map(|arg| self.value(arg)).collect();
        if values.len() == 1 {
            return values.pop();
        }
        Some(Value::Tuple(values))
    }

    fn matches(&mut self, mac: &Macro) -> Option<Value> {
        let subject = |input: ParseStream<'_>| {
            let subject = input.parse::<Expr>()?;
            input.parse::<Token![,]>()?;
            input.parse::<TokenStream>()?;
            Ok(subject)
        };
        let subject = subject.parse2(mac.tokens.clone()).ok()?;
        self.looked_at(&subject);
        Some(Value::None)
    }

    /// `ensure!(condition, …)` returns where the condition does not hold.
    fn ensure(&mut self, mac: &Macro, name: &Ident) -> Option<Value> {
        let args = Self::arguments(mac)?;
        let (first, rest) = args.split_first()?;
        let scope = self.scope.len();
        let failed = self.condition(first);
        let held = self.at;
        self.merge(failed);
        for arg in rest {
            self.looked_at(arg);
        }
        self.leave_scope(scope);
        self.bails(name.span());
        self.at = held;
        Some(Value::None)
    }

    /// A macro that borrows its arguments.
    fn look(&mut self, mac: &Macro) {
        let start = self.next_var();
        let logs = mac.path.segments.last();
        let tokens = if logs.is_some_and(|last| LOGGING.has(&last.ident)) {
            without_fields(mac.tokens.clone())
        } else {
            mac.tokens.clone()
        };
        if let Some(args) = Self::arguments_of(tokens.clone()) {
            // The format string mentions variables as well.
            let strings = tokens.into_iter();
            self.mentioned(
                strings
                    .filter(|token| matches!(token, TokenTree::Literal(_)))
                    .collect(),
            );
            for arg in &args {
                self.looked_at(arg);
            }
        } else {
            let awaits = tokens.to_string().contains("await");
            for var in self.mentioned(tokens) {
                if awaits {
                    self.event(Event::Join(var));
                }
            }
        }
        self.drop_from(start, LeakKind::EndOfStatement, mac.path.span());
    }
}

/// Calls `note` with the names in tokens that can be variables, those in format strings included, but not with fields and
/// segments of paths.
pub(super) fn names_in(tokens: TokenStream, note: &mut dyn FnMut(&str)) {
    names(tokens, true, note);
}

/// The same without the names in blocks.
pub(super) fn names_outside_blocks(tokens: TokenStream, note: &mut dyn FnMut(&str)) {
    names(tokens, false, note);
}

fn names(tokens: TokenStream, blocks: bool, note: &mut dyn FnMut(&str)) {
    let mut tokens = tokens.into_iter().peekable();
    // What stands before: `.` or `::`, whose two halves come one by one.
    let (mut before, mut colon) = (Before::Other, false);
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(ident) => {
                let begins_path = is_joint_colon(tokens.peek());
                if before == Before::Other && !begins_path {
                    note(&ident.unraw().to_string());
                }
            }
            TokenTree::Group(group) if blocks || group.delimiter() != Delimiter::Brace => {
                names(group.stream(), blocks, note);
            }
            TokenTree::Literal(literal) => named_in(literal, note),
            TokenTree::Group(_) | TokenTree::Punct(_) => {}
        }
        before = match &token {
            TokenTree::Punct(punct) if punct.as_char() == ':' && colon => Before::Path,
            // `..h` is no field.
            TokenTree::Punct(punct) if punct.as_char() == '.' && before != Before::Field => {
                Before::Field
            }
            _ => Before::Other,
        };
        colon = is_joint_colon(Some(&token));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Path,
    Field,
    Other,
}

fn is_joint_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct))
        if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
}

/// Calls `note` with the names in a format string.
fn named_in(literal: &Literal, note: &mut dyn FnMut(&str)) {
    let literal = literal.to_string();
    if literal.contains('"') {
        for part in literal.split('{').skip(1) {
            let end = part
                .find(|c: char| c != '_' && !c.is_alphanumeric())
                .unwrap_or(part.len());
            note(&part[..end]);
        }
    }
}

/// The input of a macro of `tracing` without the names of its fields: of `id = %id` the part after the `=`.
fn without_fields(tokens: TokenStream) -> TokenStream {
    let mut values = Vec::new();
    let (mut begin, mut named, mut joint) = (0, false, false);
    for token in tokens {
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                ',' => (begin, named) = (values.len() + 1, false),
                '=' if !named && !joint && punct.spacing() == Spacing::Alone => {
                    values.truncate(begin);
                    named = true;
                    joint = false;
                    continue;
                }
                _ => {}
            }
            joint = punct.spacing() == Spacing::Joint;
        } else {
            joint = false;
        }
        values.push(token);
    }
    values.into_iter().collect()
}
