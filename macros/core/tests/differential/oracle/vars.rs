//! What happens to variables.

use super::{
    Lens, Walker,
    state::{Flow, Outs, State, Val, Which},
};
use crate::exit::Exit;
use crate::tree::{Ask, Expr, Var};

impl Walker<'_> {
    pub(super) fn slot<'s>(&mut self, state: &'s mut State, var: Var) -> &'s mut Option<Val> {
        let name = &self.names[var];
        let Some(at) = state
            .scope
            .iter()
            .rposition(|(other, _)| self.names[*other] == *name)
        else {
            self.fault("it names a variable out of its scope");
            state.scope.push((var, None));
            return &mut state.scope.last_mut().expect("it was just pushed").1;
        };
        if state.scope[at].0 != var {
            self.fault("it names a variable that is shadowed");
        }
        &mut state.scope[at].1
    }

    /// The variable's value, which must be there.
    pub(super) fn held<'s>(&mut self, state: &'s mut State, var: Var) -> &'s mut Val {
        let slot = self.slot(state, var);
        if slot.is_none() {
            self.fault("it uses a variable after it was moved");
        }
        slot.get_or_insert(Val::Plain)
    }

    pub(super) fn take(&mut self, state: &mut State, var: Var) -> Val {
        let val = self.held(state, var).clone();
        *self.slot(state, var) = None;
        val
    }

    /// What it holds is joined.
    pub(super) fn join_in(&mut self, state: &mut State, var: Var) {
        let held = std::mem::replace(self.held(state, var), Val::Plain);
        self.seen.joined |= held.mask();
    }

    pub(super) fn lend(&mut self, state: &mut State, var: Var) {
        let held = self.held(state, var);
        if let Val::Live(mask) = *held {
            *held = Val::Lent(mask);
        }
    }

    /// What is left of an option without a value.
    pub(super) fn none(&self) -> Val {
        if self.lens == Lens::Sharp {
            Val::None
        } else {
            Val::Plain
        }
    }

    /// An expression that begins with a variable.
    pub(super) fn variable(&mut self, expr: &Expr, mut state: State) -> Outs {
        let go = |state, val| vec![(state, Flow::Go(val))];
        match expr {
            Expr::Var(var) => {
                let val = self.take(&mut state, *var);
                go(state, val)
            }
            Expr::Look(var, text) => {
                let held = self.held(&mut state, *var);
                let mask = held.mask();
                if text.contains("abort()") {
                    self.seen.aborted |= mask;
                }
                let held = self.held(&mut state, *var);
                if let (Val::Lent(_), "$.is_finished()", Lens::Sharp) = (&*held, *text, self.lens) {
                    let mut finished = state.clone();
                    *self.held(&mut finished, *var) = Val::Plain;
                    return vec![
                        (finished, Flow::Go(Val::Bool(true))),
                        (state, Flow::Go(Val::Bool(false))),
                    ];
                }
                go(state, Val::Plain)
            }
            // One of them is joined, the others are there still.
            Expr::Through(var, text) if text.starts_with("note($.next()") => {
                let held = self.held(&mut state, *var).clone();
                let mut outs = vec![(state.clone(), Flow::Go(Val::Plain))];
                for (one, rest) in held.take(Which::Any) {
                    self.seen.joined |= one;
                    *self.held(&mut state, *var) = rest;
                    outs.push((state.clone(), Flow::Go(Val::Plain)));
                }
                outs
            }
            Expr::Through(var, _) => {
                let left = match self.held(&mut state, *var) {
                    Val::Some(_) => Val::Some(Box::new(Val::Plain)),
                    Val::None => Val::None,
                    _ => Val::Plain,
                };
                self.join_in(&mut state, *var);
                *self.held(&mut state, *var) = left;
                go(state, Val::Plain)
            }
            Expr::Timeout(var, _) => {
                let mut late = state.clone();
                self.lend(&mut late, *var);
                self.join_in(&mut state, *var);
                vec![
                    (state, Flow::Go(Val::Result(true))),
                    (late, Flow::Go(Val::Result(false))),
                ]
            }
            Expr::Ask(var, ask) => {
                let val = match (ask, self.held(&mut state, *var)) {
                    (Ask::Flag(wanted), Val::Bool(is)) | (Ask::Ok(wanted), Val::Result(is)) => {
                        Val::Bool(is == wanted)
                    }
                    (Ask::Some(wanted), Val::Some(_)) => Val::Bool(*wanted),
                    (Ask::Some(wanted), Val::None) => Val::Bool(!wanted),
                    _ => Val::Plain,
                };
                go(state, val)
            }
            Expr::TakeOut(var) => {
                let val = std::mem::replace(self.held(&mut state, *var), self.none());
                go(state, val)
            }
            Expr::Pop(var) => {
                let held = self.held(&mut state, *var).clone();
                let which = self.which(Which::Last);
                let mut outs: Outs = Vec::new();
                for (one, rest) in held.take(which) {
                    let mut state = state.clone();
                    *self.held(&mut state, *var) = rest;
                    outs.push((state, Flow::Go(Val::Some(Box::new(Val::Live(one))))));
                }
                if outs.is_empty() || self.lens == Lens::Blind {
                    if self.lens == Lens::Blind {
                        let some = Val::Some(Box::new(Val::Plain));
                        outs.push((state.clone(), Flow::Go(some)));
                    }
                    *self.held(&mut state, *var) = Val::Plain;
                    outs.push((state, Flow::Go(Val::None)));
                }
                outs
            }
            Expr::Next(var) => {
                let held = self.held(&mut state, *var).clone();
                let some = || Flow::Go(Val::Some(Box::new(Val::Plain)));
                let mut outs: Outs = Vec::new();
                for (one, rest) in held.take(Which::Any) {
                    let mut state = state.clone();
                    self.seen.joined |= one;
                    *self.held(&mut state, *var) = rest;
                    outs.push((state, some()));
                }
                if self.lens == Lens::Blind {
                    outs.push((state.clone(), some()));
                }
                if held.mask() == 0 || self.lens == Lens::Blind {
                    *self.held(&mut state, *var) = Val::Plain;
                    outs.push((state, Flow::Go(Val::None)));
                }
                outs
            }
            Expr::Pick(var, text) => {
                let held = self.take(&mut state, *var);
                let last = text.contains("last");
                let which = self.which(if last { Which::Last } else { Which::First });
                let mut outs: Outs = Vec::new();
                for (one, rest) in held.take(which) {
                    // The iterator ends with the statement.
                    self.leak(rest.mask(), self.statement);
                    let some = match self.lens {
                        Lens::Sharp => Val::Some(Box::new(Val::Live(one))),
                        Lens::Blind => Val::Live(one),
                    };
                    outs.push((state.clone(), Flow::Go(some)));
                }
                if outs.is_empty() {
                    outs.push((state, Flow::Go(self.none())));
                }
                outs
            }
            Expr::TakeAll(var) => {
                let held = std::mem::replace(self.held(&mut state, *var), Val::Plain);
                go(state, held)
            }
            Expr::Replace(var, text, value) => {
                let wraps = text.starts_with('$') && self.lens == Lens::Sharp;
                self.then(value, state, |walker, mut state, val| {
                    walker.seen.named |= val.mask();
                    let val = if wraps { Val::Some(Box::new(val)) } else { val };
                    let old = std::mem::replace(walker.held(&mut state, *var), val);
                    go(state, old)
                })
            }
            Expr::Lose(var, before, after, keeps) => {
                let held = self.held(&mut state, *var).clone();
                if after.contains("abort") {
                    self.seen.aborted |= held.mask();
                }
                if *before != "$." {
                    self.take(&mut state, *var);
                    self.leak(held.mask(), Exit::method(expr));
                    return go(state, Val::Plain);
                }
                let mut outs: Outs = Vec::new();
                let taken = held.take(self.which(Which::First));
                for (one, rest) in taken.into_iter().filter(|_| *keeps) {
                    self.leak(rest.mask(), Exit::method(expr));
                    *self.held(&mut state, *var) = Val::collection(Val::Live(one).items());
                    outs.push((state.clone(), Flow::Go(Val::Plain)));
                }
                if outs.is_empty() {
                    self.leak(held.mask(), Exit::method(expr));
                    *self.held(&mut state, *var) = Val::Plain;
                    outs.push((state, Flow::Go(Val::Plain)));
                }
                outs
            }
            Expr::Start(var, site) => {
                self.held(&mut state, *var);
                self.seen.reached |= 1 << site;
                go(state, Val::Live(1 << site))
            }
            Expr::Put(var, method, value) => self.then(value, state, |walker, mut state, val| {
                walker.seen.named |= val.mask();
                let held = walker.held(&mut state, *var);
                *held = held.put(&val, *method == ".insert(0, ");
                go(state, Val::Plain)
            }),
            Expr::Assign(var, value) => self.then(value, state, |walker, mut state, val| {
                walker.seen.named |= val.mask();
                let old = walker.slot(&mut state, *var).replace(val);
                walker.leak(old.map_or(0, |old| old.mask()), Exit::assign(expr));
                go(state, Val::Plain)
            }),
            Expr::AssignAll(vars, value) => self.then(value, state, |walker, mut state, val| {
                let Val::Parts(vals) = val else {
                    walker.fault("it takes apart what has no parts");
                    return Vec::new();
                };
                for (var, val) in vars.iter().zip(vals) {
                    let lost = match var {
                        Some(var) => {
                            walker.seen.named |= val.mask();
                            walker.slot(&mut state, *var).replace(val)
                        }
                        None => Some(val),
                    };
                    walker.leak(lost.map_or(0, |lost| lost.mask()), Exit::left(var));
                }
                go(state, Val::Plain)
            }),
            expr => unreachable!("{expr:?} is walked elsewhere"),
        }
    }
}
