//! Builds the control-flow graph of a body: its events on handles, and its paths.
//!
//! Entered: closures and async blocks, where they are written, and the input of the macros in [`macros`]. Not entered:
//! items, `const` blocks and all other macros; the variables that they mention count as joined. So does everything that is
//! passed to code that cannot be read.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use syn::{Attribute, ImplItemFn, Path, Type};

use crate::item::signature;
use crate::scan::{Callee, Resolver, Site, Sites};
use tables::Function;
use values::{Completion, Held, Value};

mod blocks;
mod bodies;
mod callbacks;
mod conditions;
mod control;
mod create;
mod escape;
mod exprs;
mod fields;
mod flags;
mod forms;
mod invoke;
mod items;
mod loops;
mod macros;
mod methods;
mod names;
mod patterns;
mod select;
mod tables;
mod temporaries;
mod tracked;
mod values;

pub use super::cfg::{Cfg, Event, Var};
use super::cfg::{End, Exit, LeakKind, Many, Node, Rest, Spawn, VarInfo};
pub(crate) use tracked::segments;
pub use tracked::{Shape, Tracked};

/// The control-flow graph of a function that was scanned.
pub fn build(
    function: &ImplItemFn,
    sites: &Sites,
    resolver: &mut Resolver,
    tracked: &Tracked,
) -> Cfg {
    let mut builder = CfgBuilder {
        sites,
        resolver,
        tracked,
        cfg: Cfg {
            nodes: vec![Node::default()],
            ..Cfg::default()
        },
        at: 0,
        dead: HashSet::new(),
        results: Vec::new(),
        bound: HashMap::new(),
        options: HashSet::new(),
        scope: Vec::new(),
        bodies: vec![Body {
            start: Var(0),
            frames: Vec::new(),
            capture: None,
        }],
        parked: 0,
        block: Var(0),
        flags: flags::Flags::default(),
        taps: Vec::new(),
        consumed: Vec::new(),
        fields: Vec::new(),
        stores: escape::Stores::default(),
        boxed: matches!(
            signature::Shape::of(&function.sig, &function.block),
            signature::Shape::Boxed { .. }
        ),
        cfgs: Vec::new(),
    };
    builder.declare_arguments(&function.sig);
    let result = builder.block(&function.block, LeakKind::EndOfFunction);
    builder.give_to_caller(result, function.block.stmts.last().map(last_of));
    builder.note_leaving();
    builder.finish_flags();
    builder.finish_stores();
    builder.cfg
}

/// Where the value of a last statement stands.
fn last_of(stmt: &syn::Stmt) -> Span {
    syn::spanned::Spanned::span(stmt)
}

/// Whether a type is an `Option`.
fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
enum Binding {
    /// A variable that may hold handles.
    Var(Var),
    /// A reference to one.
    Ref(Var, Access),
    /// A closure that returns a copy of the content.
    Yield(Var),
    /// A struct with handles in its fields.
    Struct(Var),
    /// A result that has completed something if it is `Ok`.
    Result(usize),
    /// An argument behind which something can be stored.
    Argument(usize),
    /// Something without handles.
    Other,
}

/// What a reference allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Look,
    /// Awaiting through it joins the content.
    Await,
    /// Awaiting through it joins one item of a collection.
    Item,
    /// An iterator of references to the items.
    Iter,
}

impl Access {
    /// What a `&` or a `&mut` of it allows.
    fn behind(self, mutable: bool) -> Self {
        if mutable { self } else { Self::Look }
    }
}

/// The target of a `break` or a `continue`.
struct Frame {
    label: Option<String>,
    /// Whether it is a loop: a bare `break` ignores a labelled block.
    is_loop: bool,
    after: usize,
    again: Option<usize>,
    /// `continue` drops the variables from here on, `break` those from `items` on.
    start: Var,
    items: Var,
    /// The collection that a loop borrows, its present item, and the items that it is done with.
    lent: Option<[Var; 3]>,
    result: Var,
    value: Option<Held>,
}

/// The function, or a closure or async block in it.
struct Body {
    start: Var,
    frames: Vec<Frame>,
    /// `None` for the function itself.
    capture: Option<Capture>,
}

/// A closure or an async block.
struct Capture {
    /// Whether it is `move`.
    moves: bool,
    mentioned: Vec<Var>,
    /// What it uses by value, and so captures by value even without `move`.
    taken: Vec<Var>,
    is_block: bool,
    /// The ends of its paths, each with its exit.
    ends: Vec<(usize, usize)>,
    result: Var,
    value: Option<Held>,
}

struct CfgBuilder<'a> {
    sites: &'a Sites,
    resolver: &'a mut Resolver,
    tracked: &'a Tracked,
    cfg: Cfg,
    /// The current node.
    at: usize,
    /// The nodes that no path reaches.
    dead: HashSet<usize>,
    /// By the name of a result: what has completed if it is `Ok`.
    results: Vec<Vec<Completion>>,
    bound: HashMap<String, Vec<Binding>>,
    /// The arguments that are an `Option`.
    options: HashSet<String>,
    /// The names bound in the scopes around.
    scope: Vec<String>,
    bodies: Vec<Body>,
    parked: u32,
    /// The first variable of the innermost block.
    block: Var,
    flags: flags::Flags,
    /// The collections that items were taken out of, in the order of the text, and whether by index.
    taps: Vec<(Var, bool)>,
    /// The collections that the loops around consume.
    consumed: Vec<Var>,
    /// The names of struct fields and of unused variables, by index.
    fields: Vec<String>,
    stores: escape::Stores,
    /// Whether the body is an async block in a box.
    boxed: bool,
    /// The `cfg` attributes of the statements around.
    cfgs: Vec<Attribute>,
}

impl CfgBuilder<'_> {
    /// A spawn, as the scan has read it.
    fn site(&mut self, site: &Site) -> Value {
        if let Callee::Method(call) = &site.callee {
            self.place(&call.receiver);
            for arg in call.args.iter().skip(1) {
                self.used(arg);
            }
        }
        self.used(&site.argument);
        if !site.is_handle {
            // Only its type tells whether it is a handle.
            return Value::None;
        }
        let spawn = self.spawn(site.span.0, site.span.1, Some(site.kind));
        let value = self.create(&Shape::Handle, &spawn);
        match (value, &site.unused) {
            (value, _) if !site.is_discarded() => value,
            (Value::Handles(held), Some(name)) => {
                let unused = Some(self.field(name.clone()));
                Value::Handles(Held { unused, ..held })
            }
            (value, _) => {
                self.discard(value, LeakKind::Unbound, site.span.0);
                Value::None
            }
        }
    }

    /// The function that a path names, if it has a meaning of its own.
    fn known(&self, path: &Path) -> Option<Function> {
        let text = self.resolver.resolve(path).or_else(|| {
            // Where no file shows the import, the name is all there is.
            let undeclared = self.resolver.is_undeclared(path);
            undeclared.then(|| segments(path))
        })?;
        let text: Vec<&str> = text.iter().map(String::as_str).collect();
        tables::function(&text).or_else(|| tables::imported_function(&text))
    }

    fn event(&mut self, event: Event) {
        self.on(self.at, event);
    }

    /// Adds an event to another node.
    fn on(&mut self, node: usize, event: Event) {
        self.flags.note(&event);
        if let Event::Move(from, to) | Event::Copy(from, to) = &event
            && self.info(*from).is_some_and(|info| info.lent)
            && let Some(info) = self.cfg.vars.get_mut(to.0 as usize)
        {
            info.lent = true;
        }
        if let Event::Create(to, _)
        | Event::Move(_, to)
        | Event::Copy(_, to)
        | Event::Put(_, to, _)
        | Event::Take(_, to, _)
        | Event::Unpack { to, .. } = &event
            && let Some(info) = self.cfg.vars.get_mut(to.0 as usize)
        {
            info.holds = true;
        }
        self.cfg.nodes[node].events.push(event);
    }

    fn node(&mut self) -> usize {
        self.cfg.nodes.push(Node::default());
        self.cfg.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize) {
        self.cfg.nodes[from].next.push(to);
    }

    /// Goes on in a new node after the current one.
    fn then(&mut self) -> usize {
        self.at = self.fork();
        self.at
    }

    /// A new node after the current one, on another path.
    fn fork(&mut self) -> usize {
        let side = self.node();
        self.edge(self.at, side);
        if self.dead.contains(&self.at) {
            self.dead.insert(side);
        }
        side
    }

    /// Goes on in a new node; returns another one beside it.
    fn fork_on(&mut self) -> usize {
        let side = self.fork();
        self.then();
        side
    }

    /// Goes on in a new node after all of these.
    fn merge(&mut self, ends: impl IntoIterator<Item = usize>) {
        let (node, mut dead) = (self.node(), true);
        for end in ends {
            self.edge(end, node);
            dead &= self.dead.contains(&end);
        }
        self.at = node;
        if dead {
            self.dead.insert(node);
        }
    }

    /// Goes on in an unreachable node.
    fn dead(&mut self) {
        self.at = self.node();
        self.dead.insert(self.at);
    }

    fn exit(&mut self, kind: LeakKind, span: Span) -> usize {
        let place = match self.cfg.exits.last() {
            // A body and the block around it can end at one brace. Spans have no equality: their debug text has the bytes.
            Some(last)
                if last.kind.is_end()
                    && kind.is_end()
                    && format!("{:?}", last.span) == format!("{span:?}") =>
            {
                last.place
            }
            _ => self.cfg.exits.len(),
        };
        self.cfg.exits.push(Exit {
            kind,
            span,
            place,
            at_spawn: false,
            consumed: self.consumed.clone(),
            cfgs: self.cfgs.clone(),
        });
        self.cfg.exits.len() - 1
    }

    fn next_var(&self) -> Var {
        Var(u32::try_from(self.cfg.vars.len()).unwrap_or(u32::MAX))
    }

    fn var(&mut self, info: VarInfo) -> Var {
        let var = self.next_var();
        self.cfg.vars.push(info);
        var
    }

    fn info(&self, var: Var) -> Option<&VarInfo> {
        self.cfg.info(var)
    }

    fn temp(&mut self) -> Var {
        self.var(VarInfo::default())
    }

    /// A variable for what comes out of another one.
    fn temp_of(&mut self, from: Var) -> Var {
        self.var(VarInfo {
            of: Some(from),
            ..VarInfo::default()
        })
    }

    /// A variable that no scope drops.
    fn park(&mut self) -> Var {
        self.parked += 1;
        Var(Var::PARKED.0 + self.parked)
    }

    /// A new variable with the content of another one.
    fn moved(&mut self, from: Var) -> Var {
        let to = self.temp_of(from);
        self.event(Event::Move(from, to));
        to
    }

    /// Its kind, if it is a local collection.
    fn many(&self, var: Var) -> Option<Many> {
        self.info(var).and_then(|info| info.many)
    }

    /// Moves a field of a tuple to a new variable.
    fn unpack(&mut self, from: Var, index: u8, sole: bool) -> Var {
        let to = self.temp_of(from);
        self.event(Event::Unpack {
            from,
            to,
            index,
            sole,
        });
        to
    }

    /// The end of a collection, if it has one.
    fn end_of(&self, var: Var, end: End) -> End {
        self.many(var).map_or(End::Any, |many| many.end(end))
    }

    /// Awaits it by reference: it may have completed or not.
    fn lend(&mut self, var: Var) {
        if let Some(info) = self.cfg.vars.get_mut(var.0 as usize) {
            info.lent = true;
        }
        self.event(Event::Lend(var));
    }

    /// Takes one item out of a collection.
    fn take_item(&mut self, from: Var, end: End) -> Var {
        let item = self.var(VarInfo {
            of: Some(from),
            item_of: Some(from),
            ..VarInfo::default()
        });
        if let Some(info) = self.cfg.vars.get_mut(from.0 as usize)
            && info.name.is_none()
        {
            info.rest = Some(Rest::Items);
        }
        self.event(Event::Take(from, item, end));
        item
    }

    /// Takes this many items, or one if the number is unknown, into a new variable.
    fn take_items(&mut self, from: Var, count: Option<usize>) -> Var {
        let end = self.end_of(from, End::Front);
        let taken = self.var(VarInfo {
            of: Some(from),
            many: self.many(from),
            ..VarInfo::default()
        });
        for _ in 0..count.unwrap_or(1) {
            let item = self.temp();
            self.event(Event::Take(from, item, end));
            self.event(Event::Put(item, taken, End::Back));
        }
        taken
    }

    /// Joins what a reference refers to.
    fn join_through(&mut self, var: Var, access: Access) {
        match access {
            Access::Look => {}
            Access::Item if self.many(var).is_some() => {
                let item = self.take_item(var, End::Any);
                self.event(Event::Join(item));
                self.tap(var, true);
            }
            Access::Await | Access::Item | Access::Iter => self.event(Event::Join(var)),
        }
    }

    /// Drops the variables from here on.
    fn drop_from(&mut self, start: Var, kind: LeakKind, span: Span) {
        self.drop_between(start, self.next_var(), kind, span);
    }

    fn drop_between(&mut self, start: Var, end: Var, kind: LeakKind, span: Span) {
        if start < end {
            let exit = self.exit(kind, span);
            self.event(Event::Drop(start..end, exit));
        }
    }

    /// Drops one variable.
    fn drop_var(&mut self, var: Var, kind: LeakKind, span: Span) {
        let exit = self.exit(kind, span);
        self.event(Event::Drop(var.alone(), exit));
    }
}
