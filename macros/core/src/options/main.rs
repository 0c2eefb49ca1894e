//! The options of `#[rejoin::main]`.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, ExprLit, Lit};

use super::{Common, Given, Value};
use crate::diagnostics::Diagnostics;
use crate::emit::{Duration, Flavor};

pub const ATTRIBUTE: &str = "rejoin::main";

const OPTIONS: [(&str, &str); 6] = [
    ("grace", "\"25s\""),
    ("name", "\"shop\""),
    ("flavor", "\"current_thread\""),
    ("worker_threads", "4"),
    ("start_paused", "true"),
    ("crate", "my_crate::rejoin"),
];

/// Below Kubernetes' 30 seconds, with room for what comes after it.
pub const GRACE: std::time::Duration = std::time::Duration::from_secs(25);

const FLAVORS: [(&str, Flavor); 3] = [
    ("multi_thread", Flavor::MultiThread),
    ("current_thread", Flavor::CurrentThread),
    ("local", Flavor::Local),
];

/// The options of `#[rejoin::main]`.
#[derive(Clone, Default)]
pub struct MainOptions {
    pub flavor: Flavor,
    pub flavor_at: Option<Span>,
    pub worker_threads: Option<Expr>,
    pub start_paused: Option<Expr>,
    pub grace: Option<Duration>,
    pub common: Common,
}

impl MainOptions {
    pub fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut parsed = Self::default();
        let (mut threads, mut paused) = (None, None);
        for option in super::parse(&mut diag, ATTRIBUTE, &OPTIONS, tokens)? {
            match (&*option.name.to_string(), &option.value) {
                ("grace", _) => parsed.grace = super::time(&mut diag, &option),
                ("flavor", value) => {
                    parsed.flavor_at = Some(value.span());
                    parsed.flavor = super::word(&mut diag, &option, &FLAVORS).unwrap_or_default();
                }
                ("worker_threads", Value::Expr(value)) => {
                    threads = Some(option.span());
                    parsed.worker_threads = worker_threads(&mut diag, value);
                }
                ("start_paused", Value::Expr(value)) => {
                    paused = Some(option.span());
                    parsed.start_paused = start_paused(&mut diag, &option, value);
                }
                _ => parsed.common.take(&mut diag, &option),
            }
        }
        diag.barrier()?;
        check_flavor(&mut diag, parsed.flavor, threads, paused);
        diag.barrier()?;
        Ok(parsed)
    }
}

/// At least one thread; an expression is the compiler's to check.
fn worker_threads(diag: &mut Diagnostics, value: &Expr) -> Option<Expr> {
    if let Expr::Lit(ExprLit { lit, .. }) = value {
        let fault = match lit {
            Lit::Int(number) if number.base10_digits() != "0" => None,
            Lit::Int(_) => Some(
                "without a thread nothing would run: write at least 1, or leave out `worker_threads` for one a core",
            ),
            _ => Some(
                "`worker_threads` is a number, such as `worker_threads = 4`, or an expression of type `usize`",
            ),
        };
        if let Some(fault) = fault {
            diag.push(lit.span(), fault);
            return None;
        }
    }
    Some(value.clone())
}

/// `true` or `false`; an expression is the compiler's to check.
fn start_paused(diag: &mut Diagnostics, option: &Given, value: &Expr) -> Option<Expr> {
    if let Expr::Lit(ExprLit { lit, .. }) = value
        && !matches!(lit, Lit::Bool(_))
    {
        diag.push(
            option.value.span(),
            "`start_paused` is `true`, `false`, or an expression of type `bool`",
        );
        return None;
    }
    Some(value.clone())
}

/// Threads belong to the runtime that has some, a clock that stands still to one that has none.
fn check_flavor(
    diag: &mut Diagnostics,
    flavor: Flavor,
    threads: Option<Span>,
    paused: Option<Span>,
) {
    match (flavor, threads, paused) {
        (Flavor::CurrentThread | Flavor::Local, Some(at), _) => diag.push(
            at,
            "a runtime of this flavor has no worker threads: leave out `worker_threads`, or write `flavor = \"multi_thread\"`",
        ),
        (Flavor::MultiThread, _, Some(at)) => diag.push(
            at,
            "only a runtime on one thread can pause time: add `flavor = \"current_thread\"`, or leave out `start_paused`",
        ),
        _ => {}
    }
}
