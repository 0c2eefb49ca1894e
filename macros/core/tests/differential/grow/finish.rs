//! What is still open at the end of a body.

use super::*;

impl Grower<'_> {
    /// The end of the function: the handles are joined, or some of them are its value.
    pub(super) fn finish(&mut self, block: &mut Block) {
        let handle =
            self.find(|entry| matches!(entry.ty, Ty::Task | Ty::Option | Ty::Vec | Ty::Pair));
        let value = match (self.rng.u8(..8), handle) {
            (0, Some(at)) => self.moved(at),
            (1, Some(at)) => Expr::Join("Ok($)", Box::new(self.moved(at))),
            (2, Some(at)) => {
                let first = self.moved(at);
                match self.find(|entry| entry.ty == Ty::Task) {
                    Some(at) => Expr::Group(Grouping::Tuple, vec![first, self.moved(at)]),
                    None => Expr::Group(Grouping::Some, vec![first]),
                }
            }
            (3, _) => Expr::Join("Ok($)", Box::new(self.spawn())),
            (4, _) => return self.settle(0, &mut block.stmts),
            _ => Expr::Plain("Ok(Answer)"),
        };
        self.settle(0, &mut block.stmts);
        block.tail = Some(Box::new(value));
    }

    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.rng.f64() < share
    }

    pub(super) fn careful(&mut self) -> bool {
        let care = self.care;
        self.chance(care)
    }

    /// Whether to make a mistake on purpose, where there is any carelessness at all.
    pub(super) fn slips(&mut self) -> bool {
        let share = ((1.0 - self.care) * 6.0).min(0.7);
        self.chance(share)
    }

    pub(super) fn text(&mut self, all: &[Text]) -> Text {
        pick(self.rng, all)
    }

    pub(super) fn label(&mut self) -> Label {
        self.labels += 1;
        self.labels - 1
    }

    /// A new variable, not in scope yet.
    pub(super) fn name(&mut self, ty: Ty) -> Var {
        let names: &[&str] = match ty {
            Ty::Task => &["task", "worker", "first", "second", "h"],
            Ty::Thread => &["thread", "h"],
            Ty::Option => &["slot", "last", "h"],
            Ty::Vec | Ty::Array | Ty::Map | Ty::Unordered => &["tasks", "all", "more"],
            Ty::Pair => &["pair", "two"],
            Ty::Flag => &["over", "stopped"],
            Ty::Outcome => &["outcome"],
            Ty::Answer => &["answer"],
            Ty::Start => &["launch"],
            Ty::Shy => &["seen", "other"],
        };
        let name = pick(self.rng, names);
        self.vars.push(name.to_owned());
        self.vars.len() - 1
    }

    pub(super) fn declare(&mut self, var: Var, ty: Ty, live: bool) {
        self.scope.push(Entry {
            var,
            ty,
            have: Have::Yes,
            live,
            hidden: false,
            site: 0,
        });
    }
}
