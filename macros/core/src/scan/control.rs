//! Branches, arms and loops: what each does with the value of its parts.

use syn::{Arm, Expr, ExprIf, ExprMatch, Pat};

use super::discard::Fate;
use super::{Frame, Scan, attrs};

impl Scan<'_> {
    /// `if`, with all its `else if`s: a chain of them is no nesting.
    pub(super) fn branches(&mut self, first: &mut ExprIf, fate: &Fate) {
        let mut next = first;
        loop {
            self.resolver.enter_scope();
            self.condition(&mut next.cond, &next.then_branch);
            self.block(&mut next.then_branch, fate);
            self.resolver.leave_scope();
            match next
                .else_branch
                .as_mut()
                .map(|(_, otherwise)| &mut **otherwise)
            {
                Some(Expr::If(branch)) => next = branch,
                Some(otherwise) => return self.expr(otherwise, fate),
                None => return,
            }
        }
    }

    /// A condition, in which names that `body` does not mention bind nothing.
    pub(super) fn condition(&mut self, cond: &mut Expr, body: &syn::Block) {
        match cond {
            Expr::Let(inner) => {
                let pattern = Self::arm_pattern(&inner.pat, body);
                self.expr(&mut inner.expr, &Fate::matched(vec![pattern]));
                self.resolver.bind(&inner.pat);
            }
            Expr::Binary(inner) if matches!(inner.op, syn::BinOp::And(_)) => {
                self.condition(&mut inner.left, body);
                self.condition(&mut inner.right, body);
            }
            cond => self.expr(cond, &Fate::Used),
        }
    }

    pub(super) fn arms(&mut self, expr: &mut ExprMatch, fate: &Fate) {
        let patterns: Vec<Pat> = expr
            .arms
            .iter()
            .map(|arm| Self::arm_pattern(&arm.pat, &WithoutPattern(arm)))
            .collect();
        let matched = if patterns.is_empty() {
            Fate::Used
        } else {
            Fate::matched(patterns)
        };
        self.expr(&mut expr.expr, &matched);
        for arm in &mut expr.arms {
            let around = self.cfgs.len();
            self.cfgs.extend(attrs::cfgs(&arm.attrs));
            self.resolver.enter_scope();
            self.resolver.bind(&arm.pat);
            if let Pat::Guard(guarded) = &mut arm.pat {
                self.expr(&mut guarded.guard, &Fate::Used);
            }
            self.expr(&mut arm.body, fate);
            self.resolver.leave_scope();
            self.cfgs.truncate(around);
        }
    }

    pub(super) fn framed(
        &mut self,
        label: Option<String>,
        is_loop: bool,
        fate: Fate,
        run: impl FnOnce(&mut Self),
    ) {
        self.frames.push(Frame {
            label,
            is_loop,
            fate,
        });
        run(self);
        self.frames.pop();
    }

    pub(super) fn fate_of_break(&self, label: Option<&str>) -> Fate {
        self.frames
            .iter()
            .rev()
            .find(|frame| match label {
                Some(label) => frame.label.as_deref() == Some(label),
                None => frame.is_loop,
            })
            .map_or(Fate::Used, |frame| frame.fate.clone())
    }
}

/// An arm's guard and body.
struct WithoutPattern<'a>(&'a Arm);

impl quote::ToTokens for WithoutPattern<'_> {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        if let Pat::Guard(guarded) = &self.0.pat {
            guarded.guard.to_tokens(tokens);
        }
        self.0.body.to_tokens(tokens);
    }
}
