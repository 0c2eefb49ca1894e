//! A body as a small control-flow form: what it does with handles, and the paths that it can take.
//!
//! Entered: closures and async blocks, which are read where they are written, and the input of the macros in
//! [`macros`]. Not entered: items, `const` blocks, and every other macro: what is named there counts as joined. So does
//! whatever is passed to code that cannot be read.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, Ident, ImplItemFn, Pat, Path, Type};

use crate::pass::imports::Names;
use crate::pass::{calls, signature};
use values::Value;

pub mod blocks;
pub mod bodies;
pub mod control;
pub mod exprs;
pub mod flags;
pub mod forms;
pub mod invoke;
pub mod known;
pub mod macros;
pub mod methods;
pub mod patterns;
pub mod select;
pub mod tracked;
pub mod values;

pub use super::cfg::{About, Event, Exit, Fact, Flow, Loss, Node, Spawn, Var};
pub use macros::is_read;
pub use tracked::{Shape, Tracked, segments};

/// The form of a function's body.
pub fn flow(function: &ImplItemFn, names: &mut Names, tracked: &Tracked) -> Flow {
    names.enter_function(&function.sig, &function.block);
    let mut walk = Walk {
        names,
        tracked,
        flow: Flow {
            nodes: vec![Node::default()],
            ..Flow::default()
        },
        at: 0,
        bound: HashMap::new(),
        options: HashSet::new(),
        scope: Vec::new(),
        bodies: vec![Body::of_function()],
        parked: 0,
        block: Var(0),
        flags: flags::Flags::default(),
        tapped: Vec::new(),
        boxed: matches!(
            signature::Shape::of(&function.sig, &function.block),
            signature::Shape::Boxed { .. }
        ),
        cfgs: Vec::new(),
    };
    for input in &function.sig.inputs {
        if let FnArg::Typed(argument) = input {
            walk.declare_others(&argument.pat);
            if let (Pat::Ident(name), Type::Path(ty)) = (&*argument.pat, &*argument.ty)
                && ty
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "Option")
            {
                walk.options.insert(name.ident.unraw().to_string());
            }
        }
    }
    let result = walk.block(&function.block, Loss::EndOfFunction);
    walk.consume(result);
    walk.tell();
    walk.flow
}

/// What a name in the body stands for.
#[derive(Clone, Copy, Debug)]
enum Binding {
    /// A variable that may hold handles.
    Var(Var),
    /// A reference to one, and whether it can be awaited.
    Ref(Var, bool),
    /// Something that holds none.
    Other,
}

/// What a `break` or a `continue` goes to.
struct Frame {
    label: Option<String>,
    /// Whether it is a loop: a bare `break` passes a labelled block by.
    is_loop: bool,
    after: usize,
    again: Option<usize>,
    /// What is declared from here on is lost on the way.
    start: Var,
    result: Var,
    value: Option<values::Held>,
}

/// The function, or a closure or async block in it.
struct Body {
    start: Var,
    frames: Vec<Frame>,
    /// Where a closure or a block goes on when it is left; `None` for the function itself.
    capture: Option<Capture>,
}

/// A closure or an async block.
struct Capture {
    /// Whether it takes what it mentions.
    moves: bool,
    mentioned: Vec<Var>,
    /// What it uses by value, and so takes even without `move`.
    taken: Vec<Var>,
    is_block: bool,
    /// The ends of its paths, each with its exit.
    ends: Vec<(usize, usize)>,
    result: Var,
    value: Option<values::Held>,
}

impl Body {
    fn of_function() -> Self {
        Self {
            start: Var(0),
            frames: Vec::new(),
            capture: None,
        }
    }
}

struct Walk<'a> {
    names: &'a mut Names,
    tracked: &'a Tracked,
    flow: Flow,
    /// The node that is being written.
    at: usize,
    bound: HashMap<String, Vec<Binding>>,
    /// The arguments whose type says `Option`.
    options: HashSet<String>,
    /// The names that the scopes around have bound, to be forgotten at their ends.
    scope: Vec<String>,
    bodies: Vec<Body>,
    parked: u32,
    /// Where the variables of the innermost block begin.
    block: Var,
    flags: flags::Flags,
    /// The collections that something was taken out of, in the order of the text.
    tapped: Vec<Var>,
    /// Whether the body is an async block in a box.
    boxed: bool,
    /// The conditions of the statements around.
    cfgs: Vec<Attribute>,
}

impl Walk<'_> {
    // ---- the form

    fn event(&mut self, event: Event) {
        self.flags.note(&event);
        if let Event::Move(from, to) | Event::Copy(from, to) = &event
            && self.about(*from).is_some_and(|about| about.lent)
            && let Some(about) = self.flow.vars.get_mut(to.0 as usize)
        {
            about.lent = true;
        }
        if let Event::Create(to, _) | Event::Move(_, to) | Event::Copy(_, to) = &event
            && let Some(about) = self.flow.vars.get_mut(to.0 as usize)
        {
            about.holds = true;
        }
        self.flow.nodes[self.at].events.push(event);
    }

    fn node(&mut self) -> usize {
        self.flow.nodes.push(Node::default());
        self.flow.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize) {
        self.flow.nodes[from].next.push(to);
    }

    /// Begins a node that follows the present one.
    fn then(&mut self) -> usize {
        let next = self.node();
        self.edge(self.at, next);
        self.at = next;
        next
    }

    /// A node on another path from here.
    fn fork(&mut self) -> usize {
        let side = self.node();
        self.edge(self.at, side);
        side
    }

    /// Begins a node in which these paths meet.
    fn meet(&mut self, ends: impl IntoIterator<Item = usize>) {
        let node = self.node();
        for end in ends {
            self.edge(end, node);
        }
        self.at = node;
    }

    /// Begins a node that no path reaches.
    fn dead(&mut self) {
        self.at = self.node();
    }

    fn exit(&mut self, loss: Loss, span: Span) -> usize {
        let place = self.flow.exits.len();
        let ends = |loss| {
            matches!(
                loss,
                Loss::EndOfBlock | Loss::EndOfClosure | Loss::EndOfAsync | Loss::EndOfFunction
            )
        };
        // A body and what is around it can end with one brace. Spans are compared by their text, which has the bytes: they have
        // no equality of their own.
        let place = match self.flow.exits.last() {
            Some(last)
                if ends(last.loss)
                    && ends(loss)
                    && format!("{:?}", last.span) == format!("{span:?}") =>
            {
                last.place
            }
            _ => place,
        };
        self.flow.exits.push(Exit {
            loss,
            span,
            place,
            at_spawn: false,
            cfgs: self.cfgs.clone(),
        });
        self.flow.exits.len() - 1
    }

    fn next_var(&self) -> Var {
        Var(u32::try_from(self.flow.vars.len()).unwrap_or(u32::MAX))
    }

    fn var(&mut self, about: About) -> Var {
        let var = self.next_var();
        self.flow.vars.push(about);
        var
    }

    fn about(&self, var: Var) -> Option<&About> {
        self.flow.vars.get(var.0 as usize)
    }

    fn temp(&mut self) -> Var {
        self.var(About::default())
    }

    /// It is awaited by reference: nobody knows whether it has ended.
    fn lend(&mut self, var: Var) {
        if let Some(about) = self.flow.vars.get_mut(var.0 as usize) {
            about.lent = true;
        }
        self.event(Event::Lend(var));
    }

    /// A new variable with what another one holds.
    fn moved(&mut self, from: Var) -> Var {
        let to = self.var(About {
            of: Some(from),
            ..About::default()
        });
        self.event(Event::Move(from, to));
        to
    }

    /// A place that no exit loses.
    fn park(&mut self) -> Var {
        self.parked += 1;
        Var(Var::PARKED.0 + self.parked)
    }

    /// What was declared from here on is lost, but for what was joined or moved.
    fn drop_from(&mut self, start: Var, loss: Loss, span: Span) {
        self.drop_between(start, self.next_var(), loss, span);
    }

    fn drop_between(&mut self, start: Var, end: Var, loss: Loss, span: Span) {
        if start < end {
            let exit = self.exit(loss, span);
            self.event(Event::Drop(start..end, exit));
        }
    }

    // ---- names

    fn declare(&mut self, name: String, binding: Binding) {
        self.bound.entry(name.clone()).or_default().push(binding);
        self.scope.push(name);
    }

    fn leave_scope(&mut self, begin: usize) {
        for name in self.scope.drain(begin..).rev() {
            if let Some(bindings) = self.bound.get_mut(&name) {
                bindings.pop();
            }
        }
    }

    /// Whether a name stands for an `Option`.
    fn is_optional(&self, name: &Ident) -> bool {
        let name = name.unraw().to_string();
        match self.bound.get(&name).map(Vec::as_slice) {
            Some([.., Binding::Var(var)]) if self.about(*var).is_some_and(|it| it.optional) => true,
            // An argument that no other variable hides.
            Some([_]) => self.options.contains(&name),
            _ => false,
        }
    }

    /// What a name stands for; a closure that mentions a variable from outside captures it.
    fn lookup(&mut self, name: &Ident) -> Option<Binding> {
        self.lookup_text(&name.unraw().to_string())
    }

    fn lookup_text(&mut self, name: &str) -> Option<Binding> {
        let binding = *self.bound.get(name)?.last()?;
        if let Binding::Var(var) | Binding::Ref(var, _) = binding {
            self.flow.vars[var.0 as usize].used = true;
            for body in self.bodies.iter_mut().rev() {
                if var >= body.start {
                    break;
                }
                if let (Binding::Var(_), Some(capture)) = (binding, &mut body.capture)
                    && !capture.mentioned.contains(&var)
                {
                    capture.mentioned.push(var);
                }
            }
        }
        Some(binding)
    }

    /// The closures that use a variable by value own it.
    fn take_in(&mut self, var: Var) {
        for body in self.bodies.iter_mut().rev() {
            if var >= body.start {
                break;
            }
            if let Some(capture) = &mut body.capture
                && !capture.taken.contains(&var)
            {
                capture.taken.push(var);
            }
        }
    }

    /// What a path of one segment stands for.
    fn local(&mut self, path: &Path) -> Option<Binding> {
        let name = path.get_ident()?;
        self.lookup(name)
    }

    /// Binds the names of a pattern to things that hold no handle.
    fn declare_others(&mut self, pattern: &Pat) {
        let binds = self.others(pattern);
        self.declare_all(binds);
    }

    /// A handle comes into being.
    fn create(&mut self, shape: &Shape, spawn: &Spawn) -> Value {
        match shape {
            Shape::Handle | Shape::Many => {
                let var = self.temp();
                self.flow.spawns.push(spawn.clone());
                let index = self.flow.spawns.len() - 1;
                self.event(Event::Create(var, index));
                Value::Handles(values::Held {
                    owned: matches!(shape, Shape::Many),
                    fresh: true,
                    ..values::Held::of(var)
                })
            }
            Shape::Tuple(parts) => Value::Tuple(
                parts
                    .iter()
                    .map(|part| {
                        part.as_ref()
                            .map_or(Value::None, |part| self.create(part, spawn))
                    })
                    .collect(),
            ),
        }
    }

    fn spawn(&self, start: Span, end: Span, kind: Option<calls::Kind>) -> Spawn {
        Spawn {
            span: (start, end),
            cfgs: self.cfgs.clone(),
            thread: kind == Some(calls::Kind::Thread),
            tracked: kind.is_none(),
        }
    }
}
