//! The options of `#[must_join]`.

use std::collections::HashSet;
use std::rc::Rc;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Path, Token};

use super::Common;
use crate::diagnostics::Diagnostics;
use crate::leak::build::{Tracked, segments};
use crate::leak::report::Options;

const OPTIONS: [(&str, &str); 3] = [
    ("tracks(…)", "(start_worker)"),
    ("name", "\"mailer\""),
    ("crate", "my_crate::rejoin"),
];

const TRACKS: &str =
    "`tracks` lists functions that return a handle: `tracks(start_worker, Pool::start)`";

/// The options of `#[must_join]`.
#[derive(Clone, Default)]
pub struct JoinOptions {
    pub tracks: Rc<HashSet<Vec<String>>>,
    pub common: Common,
}

impl JoinOptions {
    pub fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut parsed = Self::default();
        let tokens = parsed.take_tracks(&mut diag, tokens);
        for option in super::parse(&mut diag, "must_join", &OPTIONS, tokens)? {
            parsed.common.take(&mut diag, &option);
        }
        diag.barrier()?;
        Ok(parsed)
    }

    /// Takes `tracks(path, …)` out of the options: it is the only one that has no `=`.
    fn take_tracks(&mut self, diag: &mut Diagnostics, tokens: TokenStream) -> TokenStream {
        let mut rest = TokenStream::new();
        let mut tokens = tokens.into_iter().peekable();
        let (mut begins, mut given) = (true, false);
        while let Some(token) = tokens.next() {
            let name = match &token {
                TokenTree::Ident(name) if begins && name == "tracks" => name.span(),
                token => {
                    begins = matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                    rest.extend([token.clone()]);
                    continue;
                }
            };
            if given {
                diag.push(name, "`tracks` is given twice");
            }
            given = true;
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
            match tokens.peek().cloned() {
                Some(TokenTree::Group(group)) => {
                    tokens.next();
                    self.add_tracks(diag, name, group.stream());
                }
                _ => diag.push(name, TRACKS),
            }
            // Up to and with the next comma.
            while tokens.next_if(|token| !is_comma(token)).is_some() {}
            tokens.next();
        }
        rest
    }

    fn add_tracks(&mut self, diag: &mut Diagnostics, name: Span, tokens: TokenStream) {
        let parser = Punctuated::<Path, Token![,]>::parse_terminated;
        match parser.parse2(tokens) {
            Ok(paths) if paths.is_empty() => diag.push(
                name,
                "`tracks()` names no function: write `tracks(start_worker)`, or leave it out",
            ),
            Ok(paths) => Rc::make_mut(&mut self.tracks).extend(paths.iter().map(segments)),
            Err(error) => diag.push(error.span(), TRACKS),
        }
    }

    /// What the analysis is told beside the body.
    pub fn analysis(&self, group: bool, tracked: &Tracked) -> Options {
        let mut tracked = tracked.clone();
        tracked.paths = Rc::clone(&self.tracks);
        Options { group, tracked }
    }
}
