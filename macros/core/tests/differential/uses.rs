//! The variables that a loop takes out of, and those that it puts something in.

use crate::tree::{Block, Cond, Expr, Looping, Node, Operand, Pat, Stmt, Var};

#[derive(Default)]
pub(super) struct Uses {
    pub(super) named: Vec<Var>,
    pub(super) taken: Vec<Var>,
    pub(super) declared: Vec<Var>,
}

impl Uses {
    pub(super) fn block(&mut self, block: &mut Block) {
        for stmt in &block.stmts {
            if let Stmt::Let(pat, ..) = stmt {
                self.pat(pat);
            }
        }
        for node in block.nodes() {
            self.node(node);
        }
    }

    pub(super) fn pat(&mut self, pat: &Pat) {
        match pat {
            Pat::Var(var) | Pat::Mut(var) | Pat::Ref(var) => self.declared.push(*var),
            Pat::Some(inner) => self.pat(inner),
            Pat::Tuple(all) | Pat::Slice(all) | Pat::Head(all) | Pat::Fields(all) => {
                for pat in all {
                    self.pat(pat);
                }
            }
            Pat::Wild | Pat::None | Pat::Result(..) | Pat::Text(_) | Pat::Any(_) => {}
        }
    }

    pub(super) fn node(&mut self, node: Node<'_>) {
        let expr = match node {
            Node::Block(block) => return self.block(block),
            Node::Expr(expr) => expr,
        };
        match expr {
            Expr::Var(var) | Expr::Pick(var, _) | Expr::Loop(_, Looping::Each(_, _, var), _) => {
                self.named.push(*var);
                self.taken.push(*var);
            }
            Expr::Look(var, _)
            | Expr::Ask(var, _)
            | Expr::Through(var, _)
            | Expr::Timeout(var, _)
            | Expr::TakeOut(var)
            | Expr::Pop(var)
            | Expr::Next(var)
            | Expr::TakeAll(var)
            | Expr::Start(var, _) => {
                self.named.push(*var);
            }
            Expr::Lose(var, before, ..) => {
                self.named.push(*var);
                if *before != "$." {
                    self.taken.push(*var);
                }
            }
            Expr::Put(var, ..)
            | Expr::Replace(var, ..)
            | Expr::Assign(var, _)
            | Expr::Loop(_, Looping::Drain(_, var), _) => self.named.push(*var),
            Expr::If(conds, ..) | Expr::Loop(_, Looping::While(conds), _) => {
                for cond in conds {
                    if let Cond::Let(pat, _) = cond {
                        self.pat(pat);
                    }
                }
            }
            Expr::Match(_, arms) => arms.iter().for_each(|arm| self.pat(&arm.pat)),
            Expr::AssignAll(vars, _) => self.named.extend(vars.iter().flatten()),
            Expr::Select(_, arms, _) => {
                for arm in arms {
                    self.operand(&arm.future);
                }
            }
            Expr::JoinAll(_, operands) => operands.iter().for_each(|operand| self.operand(operand)),
            Expr::Inner(inner) => {
                self.named.extend(inner.moved.iter().chain(&inner.shared));
                self.taken.extend(&inner.moved);
                return;
            }
            _ => {}
        }
        if let Expr::Loop(
            _,
            Looping::Each(element, ..) | Looping::Drain(element, _) | Looping::Over(element, _),
            _,
        ) = expr
        {
            self.declared.push(*element);
        }
        for node in expr.nodes() {
            self.node(node);
        }
    }

    fn operand(&mut self, operand: &Operand) {
        if let Operand::Mut(var) = operand {
            self.named.push(*var);
        }
    }
}

/// The collections out of which the rounds of a loop take, and into which they put nothing. Where the loop asks them
/// whether to go on, it is left with what it says.
pub(super) fn emptied(kind: &Looping, body: &Block) -> Vec<Var> {
    let mut asked = Uses::default();
    if let Looping::While(conds) = kind {
        for cond in &mut conds.clone() {
            asked.node(cond.node());
        }
    }
    let (mut taken, mut put) = (Vec::new(), asked.named);
    taps(Node::Block(&mut body.clone()), &mut taken, &mut put);
    taken.retain(|var| !put.contains(var));
    taken
}

fn taps(node: Node<'_>, taken: &mut Vec<Var>, put: &mut Vec<Var>) {
    let nodes = match node {
        Node::Block(block) => block.nodes(),
        Node::Expr(expr) => {
            match expr {
                Expr::Pop(var) | Expr::Next(var) => taken.push(*var),
                Expr::Through(var, text) if text.contains(".next()") => taken.push(*var),
                Expr::Put(var, ..) | Expr::Assign(var, _) | Expr::Replace(var, ..) => {
                    put.push(*var);
                }
                Expr::AssignAll(vars, _) => put.extend(vars.iter().flatten()),
                _ => {}
            }
            expr.nodes()
        }
    };
    for node in nodes {
        taps(node, taken, put);
    }
}
