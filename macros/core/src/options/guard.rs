//! The options of `#[guarded]`.

use proc_macro2::TokenStream;
use syn::Expr;

use super::policy::{OnPanic, Policy};
use super::{Common, Value};
use crate::diagnostics::Diagnostics;

const OPTIONS: [(&str, &str); 4] = [
    ("on_panic", "\"unwind\""),
    ("or", "value"),
    ("name", "\"mailer\""),
    ("crate", "my_crate::rejoin"),
];

/// The options of `#[guarded]`.
#[derive(Clone, Default)]
pub struct GuardOptions {
    pub on_panic: Policy,
    pub or: Option<Expr>,
    pub common: Common,
}

impl GuardOptions {
    pub fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut parsed = Self::default();
        let mut or = None;
        for option in super::parse(&mut diag, "guarded", &OPTIONS, tokens)? {
            let at = option.span();
            match (&*option.name.to_string(), &option.value) {
                ("on_panic", value) => {
                    parsed.on_panic = super::on_panic(&mut diag, &option).unwrap_or_default();
                    if parsed.on_panic.unjoined.is_some() {
                        diag.push(
                            value.span(),
                            "`abort if unjoined` is for groups, which are joined: write it at a `#[task_group]`",
                        );
                    }
                }
                ("or", Value::Expr(value)) => {
                    parsed.or = Some(value.clone());
                    or = Some(at);
                }
                _ => parsed.common.take(&mut diag, &option),
            }
        }
        if let (Some(OnPanic::Unwind), Some(or)) = (parsed.on_panic.then, or) {
            diag.push(
                or,
                "`or` is what a recovered panic becomes: leave out `on_panic`, or leave out `or`",
            );
        }
        diag.barrier()?;
        Ok(parsed)
    }
}

impl GuardOptions {
    /// The options under which only the spawns are rewritten.
    pub fn unwinding(common: Common) -> Self {
        let on_panic = Policy {
            then: Some(OnPanic::Unwind),
            ..Policy::default()
        };
        Self {
            on_panic,
            or: None,
            common,
        }
    }

    /// What becomes of a panic, where the attribute without options means `bare`.
    pub fn then(&self, bare: OnPanic) -> OnPanic {
        match (self.on_panic.then, &self.or) {
            (Some(given), _) => given,
            (None, Some(_)) => OnPanic::Recover,
            (None, None) => bare,
        }
    }

    /// Whether nothing stands around the function: only its spawns are rewritten.
    pub fn only_rewrites(&self, bare: OnPanic) -> bool {
        self.then(bare) == OnPanic::Unwind && !self.on_panic.has_consequences()
    }
}
