//! Whether a spawned literal has an output at all.
//!
//! An async block without a tail value, `?` or `return value` has the output `()`, or never ends. Asking for its type
//! would be useless, and in `async { loop { … } }` it would spoil inference.

use syn::visit::Visit;
use syn::{Block, Expr, ExprReturn, ExprTry, Macro, ReturnType, Stmt};

use super::{Kind, macros, peel};

/// Whether the spawned value is a literal without an output.
pub fn is_plain(argument: &Expr, kind: Kind) -> bool {
    match (peel(argument), kind) {
        (Expr::Async(literal), Kind::Task | Kind::Local) => {
            !block_has_value(&literal.block) && !leaves_with_value(&literal.block)
        }
        (Expr::Closure(literal), Kind::Blocking | Kind::Thread) => {
            literal.asyncness.is_none()
                && matches!(literal.output, ReturnType::Default)
                && matches!(&*literal.body, Expr::Block(body)
                    if !block_has_value(&body.block) && !leaves_with_value(&body.block))
        }
        _ => false,
    }
}

fn block_has_value(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(expr, None)) => has_value(expr),
        Some(Stmt::Macro(stmt)) => stmt.semi_token.is_none() && macro_has_value(&stmt.mac),
        _ => false,
    }
}

fn has_value(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => has_value(&inner.expr),
        Expr::Group(inner) => has_value(&inner.expr),
        Expr::Block(inner) => inner.label.is_some() || block_has_value(&inner.block),
        Expr::Unsafe(inner) => block_has_value(&inner.block),
        Expr::If(inner) => inner.else_branch.as_ref().is_some_and(|(_, otherwise)| {
            block_has_value(&inner.then_branch) || has_value(otherwise)
        }),
        Expr::Match(inner) => inner.arms.iter().any(|arm| has_value(&arm.body)),
        Expr::Loop(inner) => inner.label.is_some() || breaks_with_value(&inner.body),
        Expr::Macro(inner) => macro_has_value(&inner.mac),
        Expr::Tuple(inner) => !inner.elems.is_empty(),
        Expr::Assign(_)
        | Expr::Break(_)
        | Expr::Continue(_)
        | Expr::ForLoop(_)
        | Expr::Return(_)
        | Expr::While(_) => false,
        _ => true,
    }
}

fn macro_has_value(mac: &Macro) -> bool {
    mac.path
        .segments
        .last()
        .and_then(|last| macros::find(&last.ident))
        .is_none_or(|known| known.value)
}

fn breaks_with_value(body: &Block) -> bool {
    struct Breaks(bool);
    impl<'ast> Visit<'ast> for Breaks {
        fn visit_expr_break(&mut self, expr: &'ast syn::ExprBreak) {
            self.0 |= expr.expr.is_some();
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut breaks = Breaks(false);
    breaks.visit_block(body);
    breaks.0
}

/// Whether `?` or `return value` leaves the block. Not entered: closures, async blocks, items, which have their own.
fn leaves_with_value(block: &Block) -> bool {
    struct Leaves(bool);
    impl<'ast> Visit<'ast> for Leaves {
        fn visit_expr_return(&mut self, expr: &'ast ExprReturn) {
            self.0 |= expr.expr.is_some();
            syn::visit::visit_expr_return(self, expr);
        }
        fn visit_expr_try(&mut self, _: &'ast ExprTry) {
            self.0 = true;
        }
        fn visit_macro(&mut self, mac: &'ast Macro) {
            self.0 |= mentions_exit(mac.tokens.clone());
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut leaves = Leaves(false);
    leaves.visit_block(block);
    leaves.0
}

/// Whether tokens of a macro contain a `?` or a `return`.
fn mentions_exit(tokens: proc_macro2::TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Punct(punct) => punct.as_char() == '?',
        proc_macro2::TokenTree::Ident(ident) => ident == "return",
        proc_macro2::TokenTree::Group(group) => mentions_exit(group.stream()),
        proc_macro2::TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn literals_without_an_output_are_plain() {
        let plain: [Expr; 10] = [
            parse_quote!(async { loop {} }),
            parse_quote!(async move {
                work().await;
            }),
            parse_quote!(async move {
                while let Some(x) = rx.recv().await {
                    f(x)?.y;
                }
            }),
            parse_quote!(async {
                if a {
                    b
                }
            }),
            parse_quote!(async {
                return;
            }),
            parse_quote!(async { println!("x") }),
            parse_quote!(async { panic!("x") }),
            parse_quote!(async {
                match x {
                    A => {}
                    B => return,
                }
            }),
            parse_quote!(async {
                let f = || a?;
            }),
            parse_quote!(async {}),
        ];
        for (index, literal) in plain.iter().enumerate() {
            // The third has a `?` at its own level.
            assert_eq!(is_plain(literal, Kind::Task), index != 2, "{index}");
        }
        assert!(is_plain(
            &parse_quote!(move || {
                work();
            }),
            Kind::Blocking
        ));
    }

    #[test]
    fn literals_with_an_output_are_asked() {
        let asked: [Expr; 7] = [
            parse_quote!(async { work().await }),
            parse_quote!(async {
                work().await?;
            }),
            parse_quote!(async {
                return Ok(());
            }),
            parse_quote!(async {
                loop {
                    break 3;
                }
            }),
            parse_quote!(async { if a { b } else { c } }),
            parse_quote!(async {
                select! { x = y => x }
            }),
            parse_quote!(future),
        ];
        for literal in &asked {
            assert!(!is_plain(literal, Kind::Task));
        }
        assert!(!is_plain(&parse_quote!(|| work()), Kind::Thread));
    }
}
