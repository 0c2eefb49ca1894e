//! Walks a tree over all its paths, and tells which spawns leak.
//!
//! A path carries its own state: where each handle is. Paths that meet with the same state are walked on once, so that
//! a loop is gone round until nothing new comes of it, which is twice and more.

mod flow;
mod state;
mod statements;
mod truth;
mod vars;

use self::state::{Flow, Outs, State, Val, Which, distinct, fits};
use self::truth::Seen;
pub(super) use self::truth::{Exits, Truth};
use super::{
    exit::Exit,
    tree::{Block, Body, Expr, Grouping, MAPPED, Operand, Pat, Stmt, TRACKED},
};

/// How much the analysis has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lens {
    /// Flags and options are known where a path sets them, so that there are fewer paths, and so fewer leaks. What a
    /// `timeout` said is forgotten in a variable (J5: the task is joined).
    Sharp,
    /// Flags and options are not known: every branch is taken. What a `timeout` said is known in a variable.
    Blind,
}

/// The truth about the body, or why it is no Rust: the compiler would refuse it for its moves.
pub(super) fn truth(body: &Body) -> Result<Truth, &'static str> {
    let sharp = walk(body, Lens::Sharp)?;
    let blind = walk(body, Lens::Blind)?;
    Ok(Truth {
        sharp: sharp.seen,
        dead: blind.dead,
        blind: blind.seen,
    })
}

fn walk(body: &Body, lens: Lens) -> Result<Walker<'_>, &'static str> {
    let mut walker = Walker {
        names: &body.vars,
        lens,
        seen: Seen::default(),
        statement: Exit::end(&body.block),
        dead: false,
        steps: 0,
        fault: None,
    };
    for (state, flow) in walker.block(&body.block, State::default()) {
        match flow {
            // What is returned is joined by the caller.
            Flow::Go(val) => walker.seen.joined |= val.mask(),
            Flow::Return(val, exit) => {
                walker.seen.joined |= val.mask();
                walker.leak(state.everything(), exit);
            }
            Flow::Break(..) | Flow::Continue(..) => {
                walker.fault("it leaves a loop that there is not");
            }
        }
    }
    walker.fault.map_or(Ok(walker), Err)
}

/// So many steps are more than a test has time for.
const STEPS: usize = 60_000;

struct Walker<'a> {
    names: &'a [String],
    lens: Lens,
    seen: Seen,
    /// Where the temporaries of the statement around end.
    statement: Exit,
    dead: bool,
    steps: usize,
    fault: Option<&'static str>,
}

impl Walker<'_> {
    fn fault(&mut self, why: &'static str) {
        self.fault.get_or_insert(why);
    }

    /// Which item of a collection something takes. That the analysis knows of its order is not asked.
    fn which(&self, which: Which) -> Which {
        match self.lens {
            Lens::Sharp => which,
            Lens::Blind => Which::Any,
        }
    }

    fn leak(&mut self, mask: u64, exit: Exit) {
        if mask != 0 {
            *self.seen.lost.entry(exit).or_default() |= mask;
        }
    }

    /// Leaves the scopes above the mark.
    fn cut(&mut self, state: &mut State, mark: (usize, usize), exit: Exit) {
        self.leak(state.above(mark), exit);
        state.scope.truncate(mark.0);
        state.temps.truncate(mark.1);
    }

    fn block(&mut self, block: &Block, state: State) -> Outs {
        let mark = state.mark();
        let mut outs = Vec::new();
        let mut states = vec![state];
        for stmt in &block.stmts {
            let mut next = Vec::new();
            self.dead |= states.is_empty();
            for state in states {
                self.stmt(stmt, state, &mut next, &mut outs);
            }
            states = distinct(next);
        }
        for state in states {
            match &block.tail {
                Some(tail) => outs.extend(self.eval(tail, state)),
                None => outs.push((state, Flow::Go(Val::Plain))),
            }
        }
        for (state, flow) in &mut outs {
            if let Flow::Go(_) = flow {
                self.cut(state, mark, Exit::end(block));
            }
        }
        distinct(outs)
    }

    /// Who takes what a `timeout` says without a look at it does not tell; nothing is asked then.
    fn read(&mut self, val: &Val) {
        if matches!(val, Val::Result(_) | Val::Bool(_)) {
            self.fault("nobody looks at what a timeout says");
        }
    }

    /// Evaluates them one after the other; what is evaluated waits.
    fn all(&mut self, exprs: &[&Expr], state: State, outs: &mut Outs) -> Vec<(State, Vec<Val>)> {
        let mark = state.temps.len();
        let mut states = vec![(state, Vec::new())];
        for expr in exprs {
            let mut next = Vec::new();
            for (state, vals) in states {
                for (mut state, flow) in self.eval(expr, state) {
                    match flow {
                        Flow::Go(val) => {
                            state.temps.push(Val::of(val.mask()));
                            let mut vals = vals.clone();
                            vals.push(val);
                            next.push((state, vals));
                        }
                        flow => outs.push((state, flow)),
                    }
                }
            }
            states = next;
        }
        for (state, _) in &mut states {
            state.temps.truncate(mark);
        }
        states
    }

    /// Evaluates it, and goes on with its value.
    fn then(
        &mut self,
        expr: &Expr,
        state: State,
        mut next: impl FnMut(&mut Self, State, Val) -> Outs,
    ) -> Outs {
        let mut outs = Vec::new();
        for (state, flow) in self.eval(expr, state) {
            match flow {
                Flow::Go(val) => outs.extend(next(self, state, val)),
                flow => outs.push((state, flow)),
            }
        }
        outs
    }

    fn eval(&mut self, expr: &Expr, state: State) -> Outs {
        self.steps += 1;
        if self.steps > STEPS {
            self.fault("it has too many paths");
        }
        if self.fault.is_some() {
            return Vec::new();
        }
        match expr {
            Expr::Diverge(_) => Vec::new(),
            Expr::Try(inner) => self.then(inner, state, |_, state, val| {
                let exit = Exit::sign(expr);
                let mut outs = Vec::new();
                if val != Val::Result(true) {
                    outs.push((state.clone(), Flow::Return(Val::Plain, exit)));
                }
                if val != Val::Result(false) {
                    // An error has no handle; what is no error has it still.
                    let val = if val.mask() == 0 { Val::Plain } else { val };
                    outs.push((state, Flow::Go(val)));
                }
                outs
            }),
            Expr::Lazy(operator, left, right) => self.then(left, state, |walker, state, val| {
                let short = operator.contains('|');
                let mut outs = Vec::new();
                if val != Val::Bool(!short) {
                    outs.push((state.clone(), Flow::Go(Val::Bool(short))));
                }
                if val != Val::Bool(short) {
                    outs.extend(walker.eval(right, state));
                }
                outs
            }),
            Expr::If(conds, then, other) => {
                self.branch((conds, then), other.as_deref(), state, Exit::word(expr))
            }
            Expr::Match(value, arms) => self.matched(value, arms, state, Exit::end_of_match(expr)),
            Expr::Loop(label, kind, body) => {
                self.looping(*label, (kind, body), state, Exit::word(expr))
            }
            Expr::Block(label, body) => {
                let mark = state.mark();
                let mut outs = self.block(body, state);
                for (state, flow) in &mut outs {
                    if let Flow::Break(Some(to), val, exit) = flow
                        && Some(*to) == *label
                    {
                        self.cut(state, mark, *exit);
                        *flow = Flow::Go(std::mem::replace(val, Val::Plain));
                    }
                }
                outs
            }
            Expr::Break(label, None) => {
                vec![(state, Flow::Break(*label, Val::Plain, Exit::sign(expr)))]
            }
            Expr::Break(label, Some(value)) => self.then(value, state, |_, state, val| {
                vec![(state, Flow::Break(*label, val, Exit::sign(expr)))]
            }),
            Expr::Continue(label) => vec![(state, Flow::Continue(*label, Exit::sign(expr)))],
            Expr::Return(None) => vec![(state, Flow::Return(Val::Plain, Exit::sign(expr)))],
            Expr::Return(Some(value)) => self.then(value, state, |_, state, val| {
                vec![(state, Flow::Return(val, Exit::sign(expr)))]
            }),
            Expr::Select(_, arms, other) => self.select(arms, other.as_ref(), state),
            Expr::Inner(inner) => self.inner(inner, state, false),
            expr => self.value(expr, state),
        }
    }

    /// What starts tasks, and what takes values.
    #[expect(clippy::too_many_lines, reason = "there are many kinds")]
    fn value(&mut self, expr: &Expr, state: State) -> Outs {
        let go = |state, val| vec![(state, Flow::Go(val))];
        match expr {
            Expr::Plain(text) => {
                let val = match (*text, self.lens) {
                    ("None", Lens::Sharp) => Val::None,
                    ("true" | "false", Lens::Sharp) => Val::Bool(*text == "true"),
                    _ => Val::Plain,
                };
                go(state, val)
            }
            Expr::Spawn(site, path, future) => {
                if TRACKED.contains(path) {
                    self.seen.tracked |= 1 << site;
                }
                let outs = match &**future {
                    Expr::Inner(inner) => self.inner(inner, state, true),
                    future => self.eval(future, state),
                };
                let task = Val::Live(1 << site);
                let value = match *path {
                    "both" => {
                        self.seen.paired |= 1 << site;
                        Val::Parts(vec![task.clone(), task])
                    }
                    "crew" => Val::many(1 << site),
                    _ => task,
                };
                let spawned = |(state, flow)| match flow {
                    Flow::Go(_) => (state, Flow::Go(value.clone())),
                    flow => (state, flow),
                };
                let outs: Outs = outs.into_iter().map(spawned).collect();
                if outs.iter().any(|(_, flow)| matches!(flow, Flow::Go(_))) {
                    self.seen.reached |= 1 << site;
                }
                outs
            }
            Expr::Collect(site, before, _) => {
                self.seen.reached |= 1 << site;
                if !before.contains(MAPPED) {
                    return go(state, Val::many(1 << site));
                }
                let live = Val::Live(1 << site);
                let some = match self.lens {
                    Lens::Sharp => Val::Some(Box::new(live)),
                    Lens::Blind => live,
                };
                let none = self.none();
                vec![(state.clone(), Flow::Go(some)), (state, Flow::Go(none))]
            }
            Expr::Join(_, inner) => self.then(inner, state, |walker, state, val| {
                walker.seen.joined |= val.mask();
                go(state, Val::Plain)
            }),
            // One fails, and the others are dropped; or none does.
            Expr::LetGo(text, inner) if text.contains("try_join_all") => {
                self.then(inner, state, |walker, state, val| {
                    walker.seen.joined |= val.mask();
                    for (_, rest) in val.take(Which::Any) {
                        walker.leak(rest.mask(), Exit::start(expr));
                    }
                    go(state, Val::Plain)
                })
            }
            Expr::Wrap(_, inner) => {
                self.then(inner, state, |_, state, val| go(state, Val::of(val.mask())))
            }
            Expr::Race(all) => {
                let mut outs = Vec::new();
                for (state, vals) in self.all(&all.iter().collect::<Vec<_>>(), state, &mut outs) {
                    let mask = Val::Parts(vals).mask();
                    self.seen.joined |= mask;
                    self.leak(mask, Exit::start(expr));
                    outs.push((state, Flow::Go(Val::Plain)));
                }
                outs
            }
            Expr::Starter(_) => go(state, Val::Plain),
            Expr::LetGo(text, inner) => {
                if let ("$.abort()", Expr::Var(var)) = (*text, &**inner) {
                    // A variable is borrowed by that, and has its handle still.
                    return self.eval(&Expr::Look(*var, text), state);
                }
                let exit = match *text {
                    "$.abort()" => self.statement,
                    text if text.contains("timeout") => Exit::operand(inner),
                    _ => Exit::start(expr),
                };
                self.then(inner, state, |walker, state, val| {
                    match *text {
                        "$.abort()" => walker.seen.aborted |= val.mask(),
                        text if text.contains("timeout") => walker.seen.joined |= val.mask(),
                        _ => {}
                    }
                    walker.leak(val.mask(), exit);
                    go(state, Val::Plain)
                })
            }
            Expr::Hand(_, exprs) => {
                let mut outs = Vec::new();
                for (state, vals) in self.all(&exprs.iter().collect::<Vec<_>>(), state, &mut outs) {
                    self.seen.joined |= Val::Parts(vals).mask();
                    outs.push((state, Flow::Go(Val::Plain)));
                }
                outs
            }
            Expr::Group(grouping, exprs) => {
                let mut outs = Vec::new();
                for (state, vals) in self.all(&exprs.iter().collect::<Vec<_>>(), state, &mut outs) {
                    let val = match grouping {
                        Grouping::Tuple | Grouping::Parts => Val::Parts(vals),
                        Grouping::Struct => {
                            // A struct has them; but it is taken apart.
                            let val = Val::Parts(vals);
                            self.seen.joined |= val.mask();
                            val
                        }
                        Grouping::Some => {
                            let val = vals.into_iter().next().unwrap_or(Val::Plain);
                            match self.lens {
                                Lens::Sharp => Val::Some(Box::new(val)),
                                Lens::Blind => val,
                            }
                        }
                        Grouping::Vec | Grouping::Array => {
                            Val::collection(Val::Parts(vals).items())
                        }
                    };
                    outs.push((state, Flow::Go(val)));
                }
                outs
            }
            Expr::Is(wanted, inner) => self.then(inner, state, |walker, state, val| {
                walker.leak(val.mask(), Exit::start(expr));
                let val = if let Val::Result(ok) = val {
                    Val::Bool(ok == *wanted)
                } else {
                    Val::Plain
                };
                go(state, val)
            }),
            Expr::JoinAll(kind, operands) => {
                let mut outs = Vec::new();
                for (mut state, vals) in self.given(operands.iter(), state, &mut outs) {
                    for operand in operands {
                        if let Operand::Mut(var) = operand {
                            self.join_in(&mut state, *var);
                        }
                    }
                    let given = operands.iter().filter_map(|operand| match operand {
                        Operand::Value(expr) => Some(expr),
                        Operand::Mut(_) => None,
                    });
                    for (expr, val) in given.zip(vals) {
                        self.seen.joined |= val.mask();
                        if kind.fallible {
                            // The first error drops the other handles.
                            self.leak(val.mask(), Exit::operand(expr));
                        }
                    }
                    outs.push((state, Flow::Go(Val::Plain)));
                }
                outs
            }
            expr => self.variable(expr, state),
        }
    }

    /// Gives the variables of a pattern that matches their values; the answer is what it leaves, and where.
    fn bind(&mut self, pat: &Pat, val: Val, state: &mut State) -> Vec<(u64, Exit)> {
        match (pat, val) {
            (Pat::Var(var) | Pat::Mut(var) | Pat::Ref(var), val) => {
                if !self.names[*var].starts_with('_') {
                    self.seen.named |= val.mask();
                }
                state.scope.push((*var, Some(val)));
                Vec::new()
            }
            (Pat::Some(inner), Val::Some(val)) => self.bind(inner, *val, state),
            (Pat::Some(inner), val) => self.bind(inner, val, state),
            (Pat::Tuple(pats) | Pat::Slice(pats), Val::Parts(vals)) if pats.len() == vals.len() => {
                let parts = pats.iter().zip(vals);
                parts
                    .flat_map(|(pat, val)| self.bind(pat, val, state))
                    .collect()
            }
            (Pat::Head(pats) | Pat::Fields(pats), Val::Parts(mut vals))
                if pats.len() <= vals.len() =>
            {
                let rest = Val::Parts(vals.split_off(pats.len()));
                let mut left: Vec<_> = pats
                    .iter()
                    .zip(vals)
                    .flat_map(|(pat, val)| self.bind(pat, val, state))
                    .collect();
                left.push((rest.mask(), Exit::pat(pat)));
                left
            }
            // Nobody knows whether there is something.
            (Pat::Tuple(pats), val) if val.mask() == 0 => pats
                .iter()
                .flat_map(|pat| self.bind(pat, Val::Plain, state))
                .collect(),
            (Pat::Tuple(_) | Pat::Slice(_) | Pat::Head(_) | Pat::Fields(_), _) => {
                self.fault("it takes apart what has no parts");
                Vec::new()
            }
            (Pat::Wild | Pat::None | Pat::Result(..) | Pat::Text(_) | Pat::Any(_), val) => {
                vec![(val.mask(), Exit::pat(pat))]
            }
        }
    }
}
