//! The options of `#[task_group]`.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, ExprLit, Lit};

use super::policy::Policy;
use super::{Common, Value};
use crate::diagnostics::Diagnostics;
use crate::emit::GroupOptions;

const OPTIONS: [(&str, &str); 9] = [
    ("limit", "8"),
    ("deadline", "\"2s\""),
    ("grace", "\"500ms\""),
    ("warn_after", "\"10s\""),
    ("on_failure", "\"collect\""),
    ("on_panic", "\"recover\""),
    ("token", "expression"),
    ("name", "\"fan-out\""),
    ("crate", "my_crate::rejoin"),
];

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    #[default]
    Cancel,
    Collect,
    Isolate,
}

/// The options of `#[task_group]`.
#[derive(Clone)]
pub struct GroupAttribute {
    pub options: GroupOptions,
    pub on_failure: OnFailure,
    pub common: Common,
}

impl GroupAttribute {
    pub fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut options = GroupOptions::default();
        let mut on_panic = None;
        let mut parsed = Self {
            options: GroupOptions::default(),
            on_failure: OnFailure::Cancel,
            common: Common::default(),
        };
        for option in super::parse(&mut diag, "task_group", &OPTIONS, tokens)? {
            match (&*option.name.to_string(), &option.value) {
                ("limit", Value::Expr(value)) => options.limit = limit(&mut diag, value),
                ("deadline", value) => {
                    options.deadline =
                        super::time(&mut diag, &option).map(|time| (time, value.span()));
                }
                ("grace", _) => options.grace = super::time(&mut diag, &option),
                ("warn_after", _) => options.warn_after = super::time(&mut diag, &option),
                ("on_failure", _) => {
                    let words = [
                        ("cancel", OnFailure::Cancel),
                        ("collect", OnFailure::Collect),
                        ("isolate", OnFailure::Isolate),
                    ];
                    parsed.on_failure = super::word(&mut diag, &option, &words).unwrap_or_default();
                }
                ("on_panic", value) => {
                    options.on_panic = super::on_panic(&mut diag, &option).unwrap_or_default();
                    on_panic = Some(value.span());
                }
                ("token", Value::Expr(value)) => options.token = Some(value.clone()),
                _ => parsed.common.take(&mut diag, &option),
            }
        }
        options.collect = parsed.on_failure == OnFailure::Collect;
        options.isolate = parsed.on_failure == OnFailure::Isolate;
        if let Some(at) = on_panic {
            check_unjoined(&mut diag, at, &options.on_panic, parsed.on_failure);
        }
        parsed.options = options;
        diag.barrier()?;
        Ok(parsed)
    }
}

/// Only a group that a panic cancels is to come home after it.
fn check_unjoined(diag: &mut Diagnostics, at: Span, on_panic: &Policy, on_failure: OnFailure) {
    if on_panic.unjoined.is_some() && on_failure != OnFailure::Cancel {
        diag.push(
            at,
            "`abort if unjoined` is for a group that a panic cancels, and with this `on_failure` it goes on: leave out one of the two",
        );
    }
}

/// At least one task must be able to run.
fn limit(diag: &mut Diagnostics, value: &Expr) -> Option<Expr> {
    if let Expr::Lit(ExprLit { lit, .. }) = value {
        match lit {
            Lit::Int(number) if number.base10_digits() == "0" => {
                diag.push(
                    number.span(),
                    "with a limit of zero no task could ever run: write at least 1, or leave out `limit`",
                );
                return None;
            }
            Lit::Int(_) => {}
            other => {
                diag.push(
                    other.span(),
                    "`limit` is a number of tasks, such as `limit = 8`, or an expression of type `usize`",
                );
                return None;
            }
        }
    }
    Some(value.clone())
}
