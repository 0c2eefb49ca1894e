//! Makes a body smaller, for as long as what is wrong with it stays wrong.

use super::print::print;
use super::tree::{Block, Body, Expr, Looping, Node, Stmt};

/// The smallest body found, by one edit after the other, of which `wrong` still holds.
pub(super) fn shrink(mut body: Body, wrong: impl Fn(&Body) -> bool) -> Body {
    loop {
        let length = print(&body).source.len();
        let mut edits = (0..).map_while(|at| edited(&body, at));
        match edits.find(|edit| print(edit).source.len() < length && wrong(edit)) {
            Some(smaller) => body = smaller,
            None => return body,
        }
    }
}

/// The body after the edit of that number, if there are so many.
fn edited(body: &Body, at: usize) -> Option<Body> {
    let mut body = body.clone();
    let mut editor = Editor {
        left: at,
        done: false,
    };
    if body.block.tail.is_some() && editor.hit() {
        body.block.tail = None;
    }
    editor.block(&mut body.block);
    if editor.done {
        capture(&mut body.block);
    }
    editor.done.then_some(body)
}

/// What is captured may be less than before.
fn capture(block: &mut Block) {
    for node in block.nodes() {
        captured(node);
    }
}

fn captured(node: Node<'_>) {
    match node {
        Node::Block(block) => capture(block),
        Node::Expr(expr) => {
            expr.nodes().into_iter().for_each(captured);
            if let Expr::Inner(inner) = expr {
                inner.capture();
            }
        }
    }
}

struct Editor {
    left: usize,
    done: bool,
}

impl Editor {
    /// Whether this is the edit to make.
    fn hit(&mut self) -> bool {
        if self.done {
            return false;
        }
        self.done = self.left == 0;
        self.left = self.left.saturating_sub(1);
        self.done
    }

    fn remove<T>(&mut self, all: &mut Vec<T>, least: usize) {
        if let Some(at) = (0..all.len()).find(|_| all.len() > least && self.hit()) {
            all.remove(at);
        }
    }

    fn block(&mut self, block: &mut Block) {
        self.remove(&mut block.stmts, 0);
        self.unfold(block);
        for node in block.nodes() {
            self.node(node);
        }
    }

    /// Puts the statements of a block where the block is.
    fn unfold(&mut self, block: &mut Block) {
        for at in 0..block.stmts.len() {
            let Stmt::Expr(expr) = &mut block.stmts[at] else {
                continue;
            };
            if matches!(expr, Expr::Inner(_) | Expr::Spawn(..)) {
                continue;
            }
            for node in expr.nodes() {
                let (Node::Block(inside) | Node::Expr(Expr::Block(_, inside))) = node else {
                    continue;
                };
                if self.hit() {
                    let Block { mut stmts, tail } = std::mem::take(inside);
                    stmts.extend(tail.map(|tail| Stmt::Expr(*tail)));
                    block.stmts.splice(at..=at, stmts);
                    return;
                }
            }
        }
    }

    fn node(&mut self, node: Node<'_>) {
        let expr = match node {
            Node::Block(block) => return self.block(block),
            Node::Expr(expr) => expr,
        };
        // Only where the type stays what it was.
        let empty = matches!(
            expr,
            Expr::Try(_) | Expr::Hand(..) | Expr::LetGo(..) | Expr::Lazy(..) | Expr::JoinAll(..)
        );
        let joined = matches!(
            expr,
            Expr::Join(..) | Expr::Through(..) | Expr::Is(..) | Expr::Select(..) | Expr::Inner(_)
        );
        if (empty || joined) && self.hit() {
            *expr = Expr::Plain("n");
            return;
        }
        match expr {
            Expr::If(conds, _, other) => {
                if other.is_some() && self.hit() {
                    *other = None;
                }
                self.remove(conds, 1);
            }
            Expr::Match(_, arms) => {
                self.remove(arms, 1);
                for arm in arms {
                    if arm.guard.is_some() && self.hit() {
                        arm.guard = None;
                    }
                }
            }
            Expr::Select(_, arms, _) => self.remove(arms, 1),
            Expr::JoinAll(_, operands) => self.remove(operands, 1),
            Expr::Hand(_, all) | Expr::Group(_, all) => self.remove(all, 1),
            Expr::Loop(_, kind @ (Looping::While(_) | Looping::For(..)), _) if self.hit() => {
                *kind = Looping::Forever;
            }
            _ => {}
        }
        let keeps = matches!(
            expr,
            Expr::If(..)
                | Expr::Match(..)
                | Expr::Loop(..)
                | Expr::Block(..)
                | Expr::Select(..)
                | Expr::Try(_)
                | Expr::Lazy(..)
        );
        if !keeps {
            for part in expr.nodes() {
                self.node(part);
            }
            return;
        }
        let mut instead = None;
        for part in expr.nodes() {
            let takes = match &part {
                Node::Expr(Expr::Plain(_)) => false,
                Node::Expr(_) => true,
                Node::Block(block) => block.tail.is_some(),
            };
            if takes && self.hit() {
                instead = Some(match part {
                    Node::Expr(part) => part.clone(),
                    Node::Block(block) => Expr::Block(None, block.clone()),
                });
            }
        }
        if let Some(instead) = instead {
            *expr = instead;
        }
        for part in expr.nodes() {
            self.node(part);
        }
    }
}
