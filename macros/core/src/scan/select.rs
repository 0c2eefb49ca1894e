//! The input of `select!`, as syntax that can be changed and printed again.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Pat, Token};

/// `biased; pattern = future, if condition => handler, … else => handler`
pub struct Select {
    head: Option<(Ident, Token![;])>,
    pub branches: Vec<Branch>,
}

/// One branch.
pub struct Branch {
    pub waits: Waits,
    arrow: Token![=>],
    pub handler: Expr,
    comma: Option<Token![,]>,
}

/// What a branch waits for.
pub enum Waits {
    /// `else`, `complete` or `default`.
    Otherwise(TokenTree),
    Future {
        pattern: Box<Pat>,
        eq: Token![=],
        future: Box<Expr>,
        condition: Option<(Token![,], Token![if], Box<Expr>)>,
    },
}

impl Branch {
    /// The pattern and the future; `None` of `else` and its like.
    pub fn future(&self) -> Option<(&Pat, &Expr)> {
        match &self.waits {
            Waits::Otherwise(_) => None,
            Waits::Future {
                pattern, future, ..
            } => Some((pattern, future)),
        }
    }

    /// The condition under which it is waited for.
    pub fn condition(&self) -> Option<&Expr> {
        match &self.waits {
            Waits::Future {
                condition: Some((_, _, condition)),
                ..
            } => Some(condition),
            Waits::Future { .. } | Waits::Otherwise(_) => None,
        }
    }
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let head = if input.peek(Ident) && input.peek2(Token![;]) {
            Some((input.parse()?, input.parse()?))
        } else {
            None
        };
        let mut branches = Vec::new();
        while !input.is_empty() {
            branches.push(input.parse()?);
        }
        Ok(Self { head, branches })
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let otherwise = input.peek(Token![else])
            || input.peek2(Token![=>])
                && input
                    .fork()
                    .parse::<Ident>()
                    .is_ok_and(|word| word == "complete" || word == "default");
        let waits = if otherwise {
            Waits::Otherwise(input.parse()?)
        } else {
            let pattern = Box::new(Pat::parse_multi_with_leading_vert(input)?);
            let eq = input.parse()?;
            let future = input.parse()?;
            let condition = if input.peek(Token![,]) {
                Some((input.parse()?, input.parse()?, input.parse()?))
            } else {
                None
            };
            Waits::Future {
                pattern,
                eq,
                future,
                condition,
            }
        };
        let arrow = input.parse()?;
        let handler = if input.peek(syn::token::Brace) {
            Expr::Block(syn::ExprBlock {
                attrs: Vec::new(),
                label: None,
                block: input.parse()?,
            })
        } else {
            input.parse()?
        };
        let comma = input.parse()?;
        Ok(Self {
            waits,
            arrow,
            handler,
            comma,
        })
    }
}

impl ToTokens for Select {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if let Some((word, semi)) = &self.head {
            word.to_tokens(tokens);
            semi.to_tokens(tokens);
        }
        for branch in &self.branches {
            branch.to_tokens(tokens);
        }
    }
}

impl ToTokens for Branch {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.waits {
            Waits::Otherwise(word) => word.to_tokens(tokens),
            Waits::Future {
                pattern,
                eq,
                future,
                condition,
            } => {
                pattern.to_tokens(tokens);
                eq.to_tokens(tokens);
                future.to_tokens(tokens);
                if let Some((comma, word, condition)) = condition {
                    comma.to_tokens(tokens);
                    word.to_tokens(tokens);
                    condition.to_tokens(tokens);
                }
            }
        }
        self.arrow.to_tokens(tokens);
        self.handler.to_tokens(tokens);
        self.comma.to_tokens(tokens);
    }
}
