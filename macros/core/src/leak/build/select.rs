//! `select!`: what its branches wait for, and what each does when it is the first.

use std::collections::HashSet;

use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprBlock, Ident, Macro, Pat, Token};

use super::forms::is_irrefutable;
use super::values::{Held, Value, either};
use super::{Event, Loss, Var, Walk};

/// One branch.
struct Branch {
    /// `None` for `else`, `complete` and `default`.
    waits: Option<(Pat, Expr)>,
    condition: Option<Expr>,
    handler: Expr,
}

struct Branches(Vec<Branch>);

impl Parse for Branches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut branches = Vec::new();
        if input.peek(Ident) && input.peek2(Token![;]) {
            input.parse::<Ident>()?;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            let mut condition = None;
            let otherwise = input.peek(Token![else])
                || input.peek(Ident)
                    && input.peek2(Token![=>])
                    && input
                        .fork()
                        .parse::<Ident>()
                        .is_ok_and(|word| word == "complete" || word == "default");
            let waits = if otherwise {
                input.parse::<proc_macro2::TokenTree>()?;
                None
            } else {
                let pattern = Pat::parse_multi_with_leading_vert(input)?;
                input.parse::<Token![=]>()?;
                let future = input.parse::<Expr>()?;
                if input.peek(Token![,]) {
                    input.parse::<Token![,]>()?;
                    input.parse::<Token![if]>()?;
                    condition = Some(input.parse()?);
                }
                Some((pattern, future))
            };
            input.parse::<Token![=>]>()?;
            let handler = if input.peek(syn::token::Brace) {
                Expr::Block(ExprBlock {
                    attrs: Vec::new(),
                    label: None,
                    block: input.parse::<Block>()?,
                })
            } else {
                input.parse()?
            };
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            }
            branches.push(Branch {
                waits,
                condition,
                handler,
            });
        }
        Ok(Self(branches))
    }
}

impl Walk<'_> {
    /// `None` where the input cannot be read.
    pub(super) fn select(&mut self, mac: &Macro) -> Option<Value> {
        let Branches(branches) = mac.parse_body().ok()?;
        let result = self.temp();
        let mut joined: Vec<Vec<Var>> = Vec::new();
        let mut given: Vec<(usize, Held, usize)> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if let Some(condition) = &branch.condition {
                self.used(condition);
            }
            joined.push(match &branch.waits {
                Some((pattern, future)) => {
                    let (joined, held) = self.waited(future, branches.len() > 1);
                    if let Some(held) = held {
                        let exit = self.exit(Loss::Select, future.span());
                        self.flow.exits[exit].at_spawn = held.fresh;
                        given.push((index, held, exit));
                    }
                    if is_irrefutable(pattern) {
                        joined
                    } else {
                        // Where the pattern does not match, the others go on.
                        self.consume(Value::WhenOk(joined));
                        Vec::new()
                    }
                }
                None => Vec::new(),
            });
        }
        let before = self.at;
        let (mut ends, mut value) = (Vec::new(), None);
        for (index, (branch, joined)) in branches.iter().zip(joined).enumerate() {
            self.at = before;
            let first = self.then();
            for (own, held, _) in &given {
                if *own == index {
                    self.event(Event::Join(held.var));
                }
            }
            let (mark, around) = (self.mark(), self.next_var());
            for var in joined {
                self.event(Event::Join(var));
            }
            let (scope, start) = (self.scope.len(), self.next_var());
            if let Some((pattern, _)) = &branch.waits {
                self.declare_others(pattern);
            }
            let handled = self.value(&branch.handler);
            let held = self.store(handled, result);
            value = either(value, held);
            self.drop_from(start, Loss::EndOfBlock, branch.handler.span());
            self.leave_scope(scope);
            self.link(mark, around);
            self.way(mark, around, &branch.handler);
            if self.goes_on(first) {
                // The others are dropped when this one wins.
                for (own, held, exit) in given.iter().rev() {
                    if *own != index {
                        let lost = Event::Drop(held.var.alone(), *exit);
                        self.flow.nodes[first].events.insert(0, lost);
                    }
                }
            }
            ends.push(self.at);
        }
        if branches.is_empty() {
            ends.push(before);
        }
        self.meet(ends);
        Some(value.map_or(Value::None, Value::Handles))
    }

    /// What a branch waits for: a handle that it is given is dropped when another one wins; one that it is lent has
    /// completed when it wins.
    fn waited(&mut self, future: &Expr, others: bool) -> (Vec<Var>, Option<Held>) {
        match self.value(future) {
            // `tasks.next()` lends the collection for one item.
            Value::Handles(held) if others && !held.lazy && !held.perhaps => {
                (Vec::new(), Some(held))
            }
            Value::Ref(var, true) => {
                self.lend(var);
                (vec![var], None)
            }
            Value::WhenOk(vars) => (vars, None),
            value => {
                self.consume(value);
                (Vec::new(), None)
            }
        }
    }

    /// Whether a path from this node, which has just been read to its end, leaves it: by its end, or for somewhere.
    fn goes_on(&self, first: usize) -> bool {
        let mut seen = HashSet::from([first]);
        let mut stack = vec![first];
        while let Some(node) = stack.pop() {
            let left = self.flow.nodes[node].events.iter().any(|event| {
                matches!(event, Event::Drop(_, exit)
                if matches!(
                    self.flow.exits[*exit].loss,
                    Loss::Try | Loss::Return | Loss::ReturnOfClosure | Loss::ReturnOfBlock
                ))
            });
            if node == self.at || node < first || left {
                return true;
            }
            stack.extend(
                self.flow.nodes[node]
                    .next
                    .iter()
                    .filter(|next| seen.insert(**next)),
            );
        }
        false
    }
}
