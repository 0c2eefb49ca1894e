//! Branches, loops, and what is given to macros and closures.

use std::collections::HashSet;

use super::{
    Lens, Walker,
    state::{Flow, Outs, State, Subject, Val, Which, distinct, fits},
};
use crate::exit::Exit;
use crate::tree::{Arm, Block, Cond, Expr, Inner, Label, Looping, Operand, Pat, SelectArm};
use crate::uses::emptied;

impl Walker<'_> {
    /// The states in which all conditions hold, and those in which one does not. What they bind stays in scope; where they
    /// don't hold, it is lost by the exit.
    fn conds(
        &mut self,
        conds: &[Cond],
        state: State,
        outs: &mut Outs,
        exit: Exit,
    ) -> (Vec<State>, Vec<State>) {
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
                                    self.leak(val.mask(), exit);
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
            self.cut(state, mark, exit);
        }
        (hold, distinct(fail))
    }

    pub(super) fn branch(
        &mut self,
        (conds, then): (&[Cond], &Block),
        other: Option<&Expr>,
        state: State,
        exit: Exit,
    ) -> Outs {
        let mark = state.mark();
        let mut outs = Vec::new();
        let (hold, fail) = self.conds(conds, state, &mut outs, exit);
        for state in hold {
            outs.extend(self.block(then, state));
        }
        self.leave(&mut outs, mark, Exit::end(then));
        for state in fail {
            match other {
                Some(other) => outs.extend(self.eval(other, state)),
                None => outs.push((state, Flow::Go(Val::Plain))),
            }
        }
        outs
    }

    fn leave(&mut self, outs: &mut Outs, mark: (usize, usize), exit: Exit) {
        for (state, flow) in outs {
            if let Flow::Go(_) = flow {
                self.cut(state, mark, exit);
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
                    state.temps.push(Val::of(val.mask()));
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
            Subject::Temp(at, val) if state.temps[*at].mask() == val.mask() => val.clone(),
            Subject::Temp(..) => Val::Plain,
        };
        let (fits, fails) = fits(pat, &val);
        let empty = |walker: &mut Self, mut state: State| {
            match subject {
                Subject::Place(var) => *walker.held(&mut state, *var) = walker.none(),
                Subject::Temp(at, _) => state.temps[*at] = Val::Plain,
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
                    Subject::Temp(at, _) => state.temps[*at] = Val::Plain,
                }
                let rest = self.bind(pat, val, &mut state);
                let rest = rest.iter().fold(0, |rest, (mask, _)| rest | mask);
                state.temps.push(Val::of(rest));
            } else if let Pat::Ref(var) = pat {
                self.seen.aborted |= val.mask();
                state.scope.push((*var, Some(Val::Plain)));
            } else if let Pat::Some(inner) = pat
                && let Pat::Ref(var) = **inner
            {
                self.seen.aborted |= val.mask();
                state.scope.push((var, Some(Val::Plain)));
            }
            state
        });
        (matched, unmatched)
    }

    pub(super) fn matched(&mut self, value: &Expr, arms: &[Arm], state: State, exit: Exit) -> Outs {
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
                        outs.extend(self.arm(body, matched, mark));
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
                                    matched
                                        .into_iter()
                                        .flat_map(|state| self.arm(body, state, mark)),
                                );
                            }
                            flow => outs.push((state, flow)),
                        }
                    }
                }
                coming = distinct(next);
            }
        }
        self.leave(&mut outs, mark, exit);
        distinct(outs)
    }

    /// The body of an arm, and the end of what its pattern has bound.
    fn arm(&mut self, body: &Expr, state: State, (scope, _): (usize, usize)) -> Outs {
        let exit = Exit::end_of_arm(body);
        let around = std::mem::replace(&mut self.statement, exit);
        let temps = state.temps.len();
        let mut outs = self.eval(body, state);
        self.statement = around;
        self.leave(&mut outs, (scope, temps), exit);
        outs
    }

    pub(super) fn looping(
        &mut self,
        label: Option<Label>,
        (kind, body): (&Looping, &Block),
        state: State,
        exit: Exit,
    ) -> Outs {
        let outside = state.mark();
        let mut outs = Vec::new();
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
            // What the loop has not come to waits with its iterator.
            Looping::Over(_, items) => {
                for (mut state, vals) in self.all(&[items], coming.remove(0), &mut outs) {
                    state.temps.push(Val::collection(Val::Parts(vals).items()));
                    coming.push(state);
                }
            }
            Looping::Each(_, _, var) => {
                let items = self.take(&mut coming[0], *var);
                coming[0].temps.push(items);
            }
            Looping::Drain(_, var) => {
                let items = std::mem::replace(self.held(&mut coming[0], *var), Val::Plain);
                coming[0].temps.push(items);
            }
        }
        let which = match kind {
            Looping::Each(_, text, _) if text.contains("values") => Which::Any,
            _ => self.which(Which::First),
        };
        // The rounds come to an end when nothing is left.
        let emptied = emptied(kind, body);
        let done = |mut state: State| {
            for var in &emptied {
                let slot = state.scope.iter_mut().rfind(|(other, _)| other == var);
                if let Some((_, Some(val))) = slot {
                    *val = Val::Plain;
                }
            }
            (state, Flow::Go(Val::Plain))
        };
        let mut seen = HashSet::new();
        while let Some(state) = coming.pop() {
            if self.fault.is_some() || !seen.insert(state.clone()) {
                continue;
            }
            let inside = state.mark();
            let entered = match kind {
                Looping::Forever => vec![state],
                Looping::While(conds) => {
                    let (hold, fail) = self.conds(conds, state, &mut outs, exit);
                    outs.extend(fail.into_iter().map(done));
                    hold
                }
                Looping::For(..) => {
                    outs.push(done(state.clone()));
                    vec![state]
                }
                Looping::Each(element, ..)
                | Looping::Drain(element, _)
                | Looping::Over(element, _) => {
                    let items = state.temps.last().cloned().unwrap_or(Val::Plain);
                    let mut rounds: Vec<(u64, Val)> = items.take(which);
                    if rounds.is_empty() || self.lens == Lens::Blind {
                        let mut state = state.clone();
                        state.temps.pop();
                        outs.push(done(state));
                        rounds.push((0, items));
                    }
                    if self.lens == Lens::Sharp {
                        rounds.retain(|(one, _)| *one != 0);
                    }
                    let with = |(one, rest)| {
                        let mut state = state.clone();
                        *state.temps.last_mut().expect("the iterator waits") = rest;
                        state.scope.push((*element, Some(Val::of(one))));
                        state
                    };
                    rounds.into_iter().map(with).collect()
                }
            };
            for state in entered {
                for (mut state, flow) in self.block(body, state) {
                    let mine = |to: &Option<Label>| to.is_none() || *to == label;
                    match flow {
                        Flow::Go(_) => {
                            self.cut(&mut state, inside, Exit::end(body));
                            coming.push(state);
                        }
                        Flow::Continue(to, exit) if mine(&to) => {
                            self.cut(&mut state, inside, exit);
                            coming.push(state);
                        }
                        Flow::Break(to, val, exit) if mine(&to) => {
                            self.cut(&mut state, outside, exit);
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
            let mut vals = vals.iter().map(Val::mask);
            let by_value: Vec<(u64, Exit)> = arms
                .iter()
                .map(|arm| match &arm.future {
                    Operand::Value(expr) => (vals.next().unwrap_or_default(), Exit::operand(expr)),
                    Operand::Mut(_) => (0, Exit::end(&arm.body)),
                })
                .collect();
            if self.lens == Lens::Blind {
                for (mask, exit) in &by_value {
                    self.leak(*mask, *exit);
                }
            }
            let mut state = state;
            for arm in arms {
                if let Operand::Mut(var) = arm.future {
                    self.lend(&mut state, var);
                }
            }
            for (won, arm) in arms.iter().enumerate() {
                let mut state = state.clone();
                if let Operand::Mut(var) = arm.future {
                    self.join_in(&mut state, var);
                }
                self.seen.joined |= by_value[won].0;
                let after = self.block(&arm.body, state);
                // The losers are dropped with their handles; which is no leak where the winner ends all.
                for (at, (mask, exit)) in by_value.iter().enumerate() {
                    if at != won && !after.is_empty() {
                        self.leak(*mask, *exit);
                    }
                }
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
            let mut exit = Exit::end(&inner.body);
            match flow {
                Flow::Go(_) => {}
                Flow::Return(_, early) => exit = early,
                Flow::Break(..) | Flow::Continue(..) => self.fault("it leaves a loop around it"),
            }
            let mut state = state.clone();
            for (var, slot) in &mut inside.scope[..captured] {
                if inner.shared.contains(var) {
                    *self.slot(&mut state, *var) = slot.take();
                }
            }
            self.leak(inside.everything(), exit);
            outs.push((state, Flow::Go(Val::Plain)));
        }
        if outs.is_empty() {
            self.fault("it awaits a block that never ends");
        }
        distinct(outs)
    }
}
