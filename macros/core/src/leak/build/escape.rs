//! Handles that leave the function: returned, or stored behind an argument.
//!
//! A store is certain only if nothing after it could take the handle out again: a later use of the same field, or of the
//! argument as a whole, counts as a join.

use proc_macro2::Span;
use syn::ReceiverKind;
use syn::ext::IdentExt;
use syn::{Expr, Member, Type, UnOp};

use super::tables::GUARDING;
use super::values::Value;
use super::{Binding, CfgBuilder, Event, LeakKind, Var};
use crate::scan::peel;

#[derive(Default)]
pub(super) struct Stores {
    /// The number of arguments.
    arguments: usize,
    all: Vec<Store>,
    /// The nodes in which the function ends.
    leaving: Vec<usize>,
}

/// One place of the body that stores handles behind an argument.
struct Store {
    argument: usize,
    field: Option<String>,
    var: Var,
    exit: usize,
}

impl CfgBuilder<'_> {
    pub(super) fn declare_argument(&mut self, name: String) {
        self.declare(name, Binding::Argument(self.stores.arguments));
        self.stores.arguments += 1;
    }

    /// The argument that an expression refers into, and its field there.
    pub(super) fn argument_place(&self, expr: &Expr) -> Option<(usize, Option<String>)> {
        match peel(expr) {
            Expr::Path(path) => {
                let name = path.path.get_ident()?.unraw().to_string();
                match self.binding(&name)? {
                    Binding::Argument(argument) => Some((argument, None)),
                    _ => None,
                }
            }
            Expr::Field(inner) => {
                let (argument, field) = self.argument_place(&inner.base)?;
                let member = match &inner.member {
                    Member::Named(name) => name.unraw().to_string(),
                    Member::Unnamed(index) => index.index.to_string(),
                };
                Some((argument, Some(field.unwrap_or(member))))
            }
            Expr::Index(inner) => self.argument_place(&inner.expr),
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => {
                self.argument_place(&inner.expr)
            }
            Expr::Reference(inner) => self.argument_place(&inner.expr),
            Expr::Await(inner) => self.argument_place(&inner.base),
            Expr::Try(inner) => self.argument_place(&inner.expr),
            Expr::MethodCall(call) if GUARDING.has(&call.method) => {
                self.argument_place(&call.receiver)
            }
            _ => None,
        }
    }

    /// Something uses an argument, or a field of it.
    pub(super) fn touch(&mut self, argument: usize, field: Option<&str>) {
        let touched: Vec<Var> = self
            .stores
            .all
            .iter()
            .filter(|store| {
                let same =
                    field.is_none() || store.field.is_none() || store.field.as_deref() == field;
                store.argument == argument && same
            })
            .map(|store| store.var)
            .collect();
        for var in touched {
            self.event(Event::Join(var));
        }
    }

    pub(super) fn store_behind(
        &mut self,
        argument: usize,
        field: Option<String>,
        value: Value,
        span: Span,
    ) {
        match self.gather(value) {
            Value::Handles(held) if !held.lazy => {
                let (var, exit) = (self.park(), self.exit(LeakKind::Stored, span));
                self.event(Event::Store(held.var, var));
                self.stores.all.push(Store {
                    argument,
                    field,
                    var,
                    exit,
                });
            }
            value => self.consume(value),
        }
    }

    /// Stores handles in a field of a struct that is a local or an argument by value, and so is no leak; `None` when that is
    /// done. The struct may be returned later.
    pub(super) fn store_inside(&mut self, left: &Expr, value: Value) -> Option<Value> {
        let Some(name) = owner(left) else {
            return Some(value);
        };
        let (Value::Handles(_) | Value::Tuple(_) | Value::List(_)) = value else {
            return Some(value);
        };
        let inside = match self.binding(&name) {
            Some(Binding::Struct(var)) if var >= Var::PARKED => var,
            Some(Binding::Other | Binding::Var(_)) => self.park(),
            None if name == "self" => self.park(),
            _ => return Some(value),
        };
        match self.gather(value) {
            Value::Handles(held) if !held.lazy => {
                self.event(Event::Store(held.var, inside));
                self.rebind(&name, Binding::Struct(inside));
                None
            }
            value => Some(value),
        }
    }

    /// Whether an assignment to this place leaves the handles alone that [`store_inside`](Self::store_inside) has put into
    /// the struct.
    pub(super) fn is_beside_stored(&self, left: &Expr) -> bool {
        owner(left).is_some_and(
            |name| matches!(self.binding(&name), Some(Binding::Struct(var)) if var >= Var::PARKED),
        )
    }

    /// The function returns the value.
    pub(super) fn give_to_caller(&mut self, value: Value, span: Option<Span>) {
        match self.gather(value) {
            Value::Handles(held) if !held.lazy => {
                let span = span.unwrap_or_else(Span::call_site);
                let exit = self.exit(LeakKind::Return, span);
                self.event(Event::Escape(held.var, exit));
            }
            value => self.consume(value),
        }
    }

    /// The function ends in the current node.
    pub(super) fn note_leaving(&mut self) {
        self.stores.leaving.push(self.at);
    }

    /// At the end of the function, when all stores are known.
    pub(super) fn finish_stores(&mut self) {
        for node in std::mem::take(&mut self.stores.leaving) {
            let events = self
                .stores
                .all
                .iter()
                .map(|store| Event::Escape(store.var, store.exit));
            self.cfg.nodes[node].events.extend(events);
        }
    }
}

/// The struct of which a place is a field.
fn owner(place: &Expr) -> Option<String> {
    let Expr::Field(field) = place else {
        return None;
    };
    if !matches!(field.member, Member::Named(_)) {
        return None;
    }
    match peel(&field.base) {
        Expr::Path(path) => Some(path.path.get_ident()?.unraw().to_string()),
        base => owner(base),
    }
}

/// Whether something stored behind `self` outlives the function.
pub(super) fn is_shared_receiver(receiver: &syn::Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => is_shared(ty),
        _ => false,
    }
}

/// Whether something stored behind an argument of this type outlives the function.
pub(super) fn is_shared(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_shared(&group.elem),
        Type::Paren(paren) => is_shared(&paren.elem),
        Type::Reference(_) => true,
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| {
                last.ident == "Arc" || last.ident == "Rc" || last.ident == "Pin"
            })
        }
        _ => false,
    }
}
