//! Invisible groups made visible.
//!
//! A fragment of a `macro_rules!` macro reaches an attribute as a group without delimiters. rustc ignores such groups
//! in what an attribute emits ([rust#67062](https://github.com/rust-lang/rust/issues/67062)), so that `$a * $b` with
//! `1 + 2` for `$a` would become `1 + 2 * $b`. Parentheses say the same and stay.

use syn::token::Paren;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprParen, Type, TypeParen};

use crate::emit::located;

/// Puts parentheses where a group without delimiters binds otherwise than its tokens; remembers whether there was one.
#[derive(Default)]
pub(crate) struct Open(pub(crate) bool);

impl VisitMut for Open {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Group(group) = expr
            && !is_atom(&group.expr)
        {
            self.0 = true;
            *expr = Expr::Paren(ExprParen {
                attrs: std::mem::take(&mut group.attrs),
                paren_token: Paren(located(group.group_token.span)),
                expr: Box::new(std::mem::replace(
                    &mut *group.expr,
                    Expr::Verbatim(proc_macro2::TokenStream::new()),
                )),
            });
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Type::Group(group) = ty
            && let Type::TraitObject(_) | Type::ImplTrait(_) = &*group.elem
        {
            self.0 = true;
            *ty = Type::Paren(TypeParen {
                attrs: Vec::new(),
                paren_token: Paren(located(group.group_token.span)),
                elem: Box::new((*group.elem).clone()),
            });
        }
    }
}

/// Whether nothing around an expression can take a part of it.
fn is_atom(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Array(_)
            | Expr::Call(_)
            | Expr::Field(_)
            | Expr::Group(_)
            | Expr::Index(_)
            | Expr::Infer(_)
            | Expr::Lit(_)
            | Expr::Macro(_)
            | Expr::MethodCall(_)
            | Expr::Paren(_)
            | Expr::Path(_)
            | Expr::Repeat(_)
            | Expr::Tuple(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::{Delimiter, Group, TokenStream};
    use quote::{ToTokens, quote};
    use syn::ImplItemFn;

    fn invisible(tokens: TokenStream) -> Group {
        Group::new(Delimiter::None, tokens)
    }

    #[test]
    fn a_fragment_keeps_its_precedence() {
        let (sum, name) = (invisible(quote!(1 + 2)), invisible(quote!(a)));
        let mut function: ImplItemFn = syn::parse_quote!(fn f() -> u8 { #sum * #name });
        let mut open = Open::default();
        open.visit_impl_item_fn_mut(&mut function);
        assert!(open.0);
        let text = function.block.to_token_stream().to_string();
        assert!(text.starts_with("{ (1 + 2) *"), "{text}");
        let mut open = Open::default();
        open.visit_impl_item_fn_mut(&mut syn::parse_quote!(fn f() -> u8 { #name * 2 }));
        assert!(!open.0);
    }
}
