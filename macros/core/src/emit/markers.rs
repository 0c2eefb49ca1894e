//! Replaces the markers of a body, and lets the literals around them capture nothing of the function.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Macro, Stmt};

use super::bodies::leading_items;
use super::sites::{Spawns, name};
use crate::scan::sites::{
    Callee, Marker, Site, has_marker, is_place, marker, probe_of, replace_markers,
};
use crate::spans::located;

/// The replacement of markers.
pub(super) struct Replace<'a>(pub(super) &'a Spawns<'a>);

impl VisitMut for Replace<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match self.0.sites.of(expr) {
            Some((index, site)) => {
                let mut argument = site.argument.clone();
                self.visit_expr_mut(&mut argument);
                let attrs = crate::scan::attrs::attrs_of(expr);
                let tokens = self.0.spawn(index, &self.within(site), &argument);
                *expr = Expr::Verbatim(quote!(#(#attrs)* #tokens));
            }
            None => {
                let slots = self.captured_slots(expr);
                visit_mut::visit_expr_mut(self, expr);
                self.capture(&slots, expr);
            }
        }
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        let tokens = if let Some(index) = probe_of(stmt) {
            self.0.probe(index)
        } else if is_place(stmt)
            && let Stmt::Macro(place) = &*stmt
        {
            let (attrs, place) = (&place.attrs, self.0.place(place.mac.bang_token.span));
            quote!(#(#attrs)* #place)
        } else {
            return visit_mut::visit_stmt_mut(self, stmt);
        };
        *stmt = Stmt::Expr(Expr::Verbatim(tokens), None);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        if has_marker(&mac.tokens) {
            let tokens = std::mem::take(&mut mac.tokens);
            mac.tokens = replace_markers(tokens, &mut |found| match found {
                Marker::Site(index) => {
                    let mut marker = marker(index, Span::call_site());
                    self.visit_expr_mut(&mut marker);
                    quote!(#marker)
                }
                Marker::Probe(index) => self.0.probe(index),
                Marker::Place(span) => self.0.place(span),
            });
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

impl Replace<'_> {
    /// The slots that a closure or an async block uses by reference, if it is not `move`.
    fn captured_slots(&self, expr: &Expr) -> Vec<usize> {
        let captures = match expr {
            Expr::Async(literal) => literal.capture.is_none(),
            Expr::Closure(literal) => literal.capture.is_none(),
            _ => false,
        };
        let mut slots = Vec::new();
        if captures {
            self.slots_in(&quote!(#expr), &mut slots);
        }
        slots
    }

    /// The slots that the spawns among tokens use by reference.
    fn slots_in(&self, tokens: &TokenStream, slots: &mut Vec<usize>) {
        if !has_marker(tokens) {
            return;
        }
        replace_markers(tokens.clone(), &mut |found| {
            if let Marker::Site(index) = found
                && let Some(site) = self.0.sites.get(index)
            {
                if self.0.has_slot(site) && site.captured {
                    slots.push(index);
                }
                let argument = &site.argument;
                self.slots_in(&quote!(#argument), slots);
            }
            TokenStream::new()
        });
    }

    /// Makes a literal that is not `move` borrow no local by the slots in it, so that it may outlive the function: it borrows
    /// what a reference refers to, and has references of its own for the literals inside.
    ///
    /// In edition 2018 a closure captures whole variables. With its first token of this crate's edition it does not.
    ///
    /// ```text
    /// Output: async { let __r0 = (*__r0).by_ref(); body }
    /// ```
    fn capture(&self, slots: &[usize], expr: &mut Expr) {
        if slots.is_empty() {
            return;
        }
        let own = slots.iter().filter_map(|index| {
            let site = self.0.sites.get(*index)?;
            let span = located(site.span.0);
            let (cfgs, by_ref) = (&site.cfgs, name("r", *index, span));
            let tokens = quote_spanned!(span=> #(#cfgs)* let #by_ref = (*#by_ref).by_ref(););
            Some(Stmt::Expr(Expr::Verbatim(tokens), None))
        });
        match expr {
            Expr::Async(literal) => {
                literal.async_token.span = located(literal.async_token.span);
                let at = leading_items(&literal.block);
                literal.block.stmts.splice(at..at, own);
            }
            Expr::Closure(literal) => {
                let begin = &mut literal.inputs_begin.spans[0];
                *begin = located(*begin);
                if let Expr::Block(body) = &mut *literal.body
                    && body.label.is_none()
                    && body.attrs.is_empty()
                {
                    let at = leading_items(&body.block);
                    body.block.stmts.splice(at..at, own);
                } else {
                    let span = located(*begin);
                    let body = &literal.body;
                    let own = own.collect::<Vec<_>>();
                    *literal.body = Expr::Verbatim(quote_spanned!(span=> { #(#own)* #body }));
                }
            }
            _ => {}
        }
    }

    /// The site with the spawns in the other arguments of its method replaced.
    fn within(&mut self, site: &Site) -> Site {
        let mut site = site.clone();
        if let Callee::Method(call) = &mut site.callee {
            for arg in call.args.iter_mut().skip(1) {
                self.visit_expr_mut(arg);
            }
        }
        site
    }
}
