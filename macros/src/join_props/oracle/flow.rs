//! Branches, loops, and what is given to macros and closures.

use std::collections::HashSet;

use super::{
    Lens, Walker,
    state::{Flow, Outs, State, Subject, Val, bits, distinct, fits},
};
use crate::join_props::tree::{
    Arm, Block, Cond, Expr, Inner, Label, Looping, Operand, Pat, SelectArm,
};

impl Walker<'_> {
    /// The states in which all conditions hold, and those in which one does not. What they bind stays in scope.
    fn conds(&mut self, conds: &[Cond], state: State, outs: &mut Outs) -> (Vec<State>, Vec<State>) {
        let mark = state.mark();
        let (mut hold, mut fail) = (vec![state], Vec::new());
        for cond in conds {
            let mut next = Vec::new();
            for state in hold {
                match cond {
                    Cond::Test(expr) => {
                        for (state, flow) in self.eval(expr, state) {
                            match flow {
                                Flow::Go(Val::Bool(true)) => next.push(state),
                                Flow::Go(Val::Bool(false)) => fail.push(state),
                                Flow::Go(val) => {
                                    self.leak(val.mask());
                                    next.push(state.clone());
                                    fail.push(state);
                                }
                                flow => outs.push((state, flow)),
                            }
                        }
                    }
                    Cond::Let(pat, expr) => {
                        for (state, subject) in self.subject(expr, state, outs) {
                            let (matched, unmatched) = self.matching(pat, &subject, state);
                            next.extend(matched);
                            fail.extend(unmatched);
                        }
                    }
                }
            }
            hold = distinct(next);
        }
        for state in &mut fail {
            self.cut(state, mark);
        }
        (hold, distinct(fail))
    }

    pub(super) fn branch(
        &mut self,
        conds: &[Cond],
        then: &Block,
        other: Option<&Expr>,
        state: State,
    ) -> Outs {
        let mark = state.mark();
        let mut outs = Vec::new();
        let (hold, fail) = self.conds(conds, state, &mut outs);
        for state in hold {
            outs.extend(self.block(then, state));
        }
        for state in fail {
            match other {
                Some(other) => outs.extend(self.eval(other, state)),
                None => outs.push((state, Flow::Go(Val::Plain))),
            }
        }
        self.leave(&mut outs, mark);
        outs
    }

    fn leave(&mut self, outs: &mut Outs, mark: (usize, usize)) {
        for (state, flow) in outs {
            if let Flow::Go(_) = flow {
                self.cut(state, mark);
            }
        }
    }

    fn subject(&mut self, expr: &Expr, mut state: State, outs: &mut Outs) -> Vec<(State, Subject)> {
        if let Expr::Var(var) = expr {
            self.held(&mut state, *var);
            return vec![(state, Subject::Place(*var))];
        }
        let mut subjects = Vec::new();
        for (mut state, flow) in self.eval(expr, state) {
            match flow {
                Flow::Go(val) => {
                    state.temps.push(val.mask());
                    let subject = Subject::Temp(state.temps.len() - 1, val);
                    subjects.push((state, subject));
                }
                flow => outs.push((state, flow)),
            }
        }
        subjects
    }

    /// The state in which the pattern matches, with what it binds, and the one in which it does not.
    fn matching(
        &mut self,
        pat: &Pat,
        subject: &Subject,
        state: State,
    ) -> (Option<State>, Option<State>) {
        let val = match subject {
            Subject::Place(var) => self.held(&mut state.clone(), *var).clone(),
            Subject::Temp(at, val) if state.temps[*at] == val.mask() => val.clone(),
            Subject::Temp(..) => Val::Plain,
        };
        let (fits, fails) = fits(pat, &val);
        let empty = |walker: &mut Self, mut state: State| {
            match subject {
                Subject::Place(var) => *walker.held(&mut state, *var) = walker.none(),
                Subject::Temp(at, _) => state.temps[*at] = 0,
            }
            state
        };
        let unmatched = fails.then(|| {
            if matches!(pat, Pat::Some(_)) {
                empty(self, state.clone())
            } else {
                state.clone()
            }
        });
        let matched = fits.then(|| {
            if matches!(pat, Pat::None) {
                return empty(self, state);
            }
            let mut state = state;
            if pat.moves() {
                match subject {
                    Subject::Place(var) => *self.slot(&mut state, *var) = None,
                    Subject::Temp(at, _) => state.temps[*at] = 0,
                }
                let rest = self.bind(pat, val, &mut state);
                state.temps.push(rest);
            } else if let Pat::Ref(var) = pat {
                state.scope.push((*var, Some(Val::Plain)));
            } else if let Pat::Some(inner) = pat
                && let Pat::Ref(var) = **inner
            {
                state.scope.push((var, Some(Val::Plain)));
            }
            state
        });
        (matched, unmatched)
    }

    pub(super) fn matched(&mut self, value: &Expr, arms: &[Arm], state: State) -> Outs {
        let mark = state.mark();
        let mut outs = Vec::new();
        for (state, subject) in self.subject(value, state, &mut outs) {
            if let (Subject::Temp(_, val), [Arm { pat: Pat::Wild, .. }, ..]) = (&subject, arms) {
                self.read(val);
            }
            let mut coming = vec![state];
            for Arm { pat, guard, body } in arms {
                let mut next = Vec::new();
                for state in coming {
                    let (matched, unmatched) = self.matching(pat, &subject, state.clone());
                    next.extend(unmatched);
                    let Some(matched) = matched else { continue };
                    let Some(guard) = guard else {
                        outs.extend(self.eval(body, matched));
                        continue;
                    };
                    // Nothing moves into the pattern until the guard holds.
                    for (state, flow) in self.eval(guard, state) {
                        match flow {
                            Flow::Go(held) => {
                                if held != Val::Bool(true) {
                                    next.push(state.clone());
                                }
                                let (matched, _) = self.matching(pat, &subject, state);
                                let matched = matched.filter(|_| held != Val::Bool(false));
                                outs.extend(
                                    matched.into_iter().flat_map(|state| self.eval(body, state)),
                                );
                            }
                            flow => outs.push((state, flow)),
                        }
                    }
                }
                coming = distinct(next);
            }
        }
        self.leave(&mut outs, mark);
        distinct(outs)
    }

    pub(super) fn looping(
        &mut self,
        label: Option<Label>,
        kind: &Looping,
        body: &Block,
        state: State,
    ) -> Outs {
        let outside = state.mark();
        let mut outs = Vec::new();
        let mut elements = 0;
        let mut coming = vec![state];
        match kind {
            Looping::Forever | Looping::While(_) => {}
            Looping::For(_, items) => {
                coming = self
                    .all(&[items], coming.remove(0), &mut outs)
                    .into_iter()
                    .map(|(state, _)| state)
                    .collect();
            }
            Looping::Over(_, items) => {
                for (state, vals) in self.all(&[items], coming.remove(0), &mut outs) {
                    elements |= Val::Parts(vals).mask();
                    coming.push(state);
                }
            }
            // Iterating it joins the collection; each element is a handle of its own.
            Looping::Each(_, _, var) => elements = self.take(&mut coming[0], *var).mask(),
            Looping::Drain(_, var) => {
                elements = std::mem::replace(self.held(&mut coming[0], *var), Val::Plain).mask();
            }
        }
        let mut seen = HashSet::new();
        while let Some(state) = coming.pop() {
            if self.fault.is_some() || !seen.insert(state.clone()) {
                continue;
            }
            let inside = state.mark();
            let entered = match kind {
                Looping::Forever => vec![state],
                Looping::While(conds) => {
                    let (hold, fail) = self.conds(conds, state, &mut outs);
                    outs.extend(fail.into_iter().map(|state| (state, Flow::Go(Val::Plain))));
                    hold
                }
                Looping::For(..) => {
                    outs.push((state.clone(), Flow::Go(Val::Plain)));
                    vec![state]
                }
                Looping::Each(element, ..)
                | Looping::Drain(element, _)
                | Looping::Over(element, _) => {
                    outs.push((state.clone(), Flow::Go(Val::Plain)));
                    let with = |one| {
                        let mut state = state.clone();
                        state.scope.push((*element, Some(one)));
                        state
                    };
                    bits(elements).map(with).collect()
                }
            };
            for state in entered {
                for (mut state, flow) in self.block(body, state) {
                    let mine = |to: &Option<Label>| to.is_none() || *to == label;
                    match flow {
                        Flow::Go(_) => {
                            self.cut(&mut state, inside);
                            coming.push(state);
                        }
                        Flow::Continue(to) if mine(&to) => {
                            self.cut(&mut state, inside);
                            coming.push(state);
                        }
                        Flow::Break(to, val) if mine(&to) => {
                            self.cut(&mut state, outside);
                            outs.push((state, Flow::Go(val)));
                        }
                        flow => outs.push((state, flow)),
                    }
                }
            }
        }
        distinct(outs)
    }

    pub(super) fn given<'e>(
        &mut self,
        operands: impl Iterator<Item = &'e Operand>,
        state: State,
        outs: &mut Outs,
    ) -> Vec<(State, Vec<Val>)> {
        let mut values = Vec::new();
        for operand in operands {
            match operand {
                Operand::Value(expr) => values.push(expr),
                Operand::Mut(var) => {
                    self.held(&mut state.clone(), *var);
                }
            }
        }
        self.all(&values, state, outs)
    }

    pub(super) fn select(
        &mut self,
        arms: &[SelectArm],
        other: Option<&Block>,
        state: State,
    ) -> Outs {
        let mut outs = Vec::new();
        for (state, vals) in self.given(arms.iter().map(|arm| &arm.future), state, &mut outs) {
            if self.lens == Lens::Blind {
                self.leak(Val::Parts(vals.clone()).mask());
            }
            let mut vals = vals.iter().map(Val::mask);
            let by_value: Vec<u64> = arms
                .iter()
                .map(|arm| match arm.future {
                    Operand::Value(_) => vals.next().unwrap_or_default(),
                    Operand::Mut(_) => 0,
                })
                .collect();
            let mut state = state;
            for arm in arms {
                if let Operand::Mut(var) = arm.future {
                    self.lend(&mut state, var);
                }
            }
            for (won, arm) in arms.iter().enumerate() {
                let mut state = state.clone();
                if let Operand::Mut(var) = arm.future {
                    *self.held(&mut state, var) = Val::Plain;
                }
                let after = self.block(&arm.body, state);
                // The losers are dropped with their handles; which is no leak where the winner ends all.
                let lost = by_value
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != won && !after.is_empty());
                self.leak(lost.fold(0, |mask, (_, one)| mask | one));
                outs.extend(after);
            }
            if let Some(other) = other {
                outs.extend(self.block(other, state));
            }
        }
        distinct(outs)
    }

    /// A closure or a block does at once what it will do; a task by itself, whether it ends or not.
    pub(super) fn inner(&mut self, inner: &Inner, mut state: State, detached: bool) -> Outs {
        let mut inside = State::default();
        for (var, _) in state.scope.clone() {
            if inner.moved.contains(&var) {
                let val = self.take(&mut state, var);
                inside.scope.push((var, Some(val)));
            } else if inner.shared.contains(&var) {
                let val = self.held(&mut state, var).clone();
                inside.scope.push((var, Some(val)));
            }
        }
        if inside.scope.len() != inner.moved.len() + inner.shared.len() {
            self.fault("it captures a variable out of its scope");
        }
        let captured = inside.scope.len();
        let mut outs = Vec::new();
        if detached {
            outs.push((state.clone(), Flow::Go(Val::Plain)));
        }
        for (mut inside, flow) in self.block(&inner.body, inside) {
            match flow {
                Flow::Go(val) | Flow::Return(val) => self.leak(val.mask()),
                Flow::Break(..) | Flow::Continue(_) => self.fault("it leaves a loop around it"),
            }
            let mut state = state.clone();
            for (var, slot) in &mut inside.scope[..captured] {
                if inner.shared.contains(var) {
                    *self.slot(&mut state, *var) = slot.take();
                }
            }
            self.leak(inside.everything());
            outs.push((state, Flow::Go(Val::Plain)));
        }
        if outs.is_empty() {
            self.fault("it awaits a block that never ends");
        }
        distinct(outs)
    }
}
