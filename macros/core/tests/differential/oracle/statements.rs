//! Statements.

use super::*;

impl Walker<'_> {
    pub(super) fn stmt(
        &mut self,
        stmt: &Stmt,
        state: State,
        next: &mut Vec<State>,
        outs: &mut Outs,
    ) {
        let around = std::mem::replace(&mut self.statement, Exit::end_of_stmt(stmt));
        self.one(stmt, state, next, outs);
        self.statement = around;
    }

    pub(super) fn one(
        &mut self,
        stmt: &Stmt,
        state: State,
        next: &mut Vec<State>,
        outs: &mut Outs,
    ) {
        let (pat, init, other) = match stmt {
            Stmt::Expr(expr) => {
                if let Expr::Inner(_) = expr {
                    self.fault("it has a block that nobody polls");
                }
                for (state, flow) in self.eval(expr, state) {
                    match flow {
                        // Nobody has the value of a statement.
                        Flow::Go(val) => {
                            self.leak(val.mask(), Exit::start(expr));
                            next.push(state);
                        }
                        flow => outs.push((state, flow)),
                    }
                }
                return;
            }
            Stmt::Let(pat, init, other) => (pat, init, other),
        };
        let Some(init) = init else {
            let mut state = state;
            if let Pat::Var(var) | Pat::Mut(var) = pat {
                state.scope.push((*var, None));
            }
            return next.push(state);
        };
        if let (Pat::Ref(seen), Expr::Var(var)) = (pat, init) {
            // A variable is borrowed by that.
            let mut state = state;
            self.held(&mut state, *var);
            state.scope.push((*seen, Some(Val::Plain)));
            return next.push(state);
        }
        if let (Pat::Tuple(pats), Expr::Var(var)) = (pat, init) {
            // What no name takes stays where it is.
            let mut state = state;
            let Val::Parts(mut parts) = self.held(&mut state, *var).clone() else {
                return self.fault("it takes apart what has no parts");
            };
            for (pat, part) in pats.iter().zip(&mut parts) {
                if pat.moves() {
                    let part = std::mem::replace(part, Val::Plain);
                    self.bind(pat, part, &mut state);
                }
            }
            *self.held(&mut state, *var) = Val::Parts(parts);
            return next.push(state);
        }
        let kept = matches!(pat, Pat::Var(_) | Pat::Mut(_) | Pat::Any(_));
        let outcomes = match init {
            Expr::Timeout(var, text) if kept && self.lens == Lens::Sharp => {
                self.eval(&Expr::Through(*var, text), state)
            }
            init => self.eval(init, state),
        };
        for (state, flow) in outcomes {
            let Flow::Go(val) = flow else {
                outs.push((state, flow));
                continue;
            };
            let (fits, fails) = fits(pat, &val);
            if fails && let Some(other) = other {
                // An option that does not match is `None`, and holds nothing.
                if !matches!(pat, Pat::Some(_)) {
                    self.leak(val.mask(), self.statement);
                }
                for (state, flow) in self.block(other, state.clone()) {
                    match flow {
                        Flow::Go(_) => self.fault("an `else` comes back"),
                        flow => outs.push((state, flow)),
                    }
                }
            }
            if fits {
                let mut state = state;
                for (mask, exit) in self.bind(pat, val, &mut state) {
                    self.leak(mask, exit);
                }
                next.push(state);
            }
        }
    }
}
