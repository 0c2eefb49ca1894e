//! Conditions: where they hold, and what is known of handles on either side.

use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, Lit, UnOp};

use super::exprs::Place;
use super::values::Value;
use super::{Binding, CfgBuilder, Event, LeakKind, Var};
use crate::scan::peel;

impl CfgBuilder<'_> {
    /// Evaluates a condition: goes on where it holds, and returns the ends of the paths where it does not.
    ///
    /// The names that it binds are declared in the scope around.
    pub(super) fn condition(&mut self, expr: &Expr) -> Vec<usize> {
        match expr {
            Expr::Paren(inner) => self.condition(&inner.expr),
            Expr::Group(inner) => self.condition(&inner.expr),
            Expr::Lit(literal) => match &literal.lit {
                Lit::Bool(literal) if literal.value => Vec::new(),
                Lit::Bool(_) => {
                    let end = self.at;
                    self.dead();
                    vec![end]
                }
                _ => vec![self.fork_on()],
            },
            Expr::Unary(inner) if matches!(inner.op, UnOp::Not(_)) => {
                let failed = self.condition(&inner.expr);
                let held = self.at;
                self.merge(failed);
                vec![held]
            }
            Expr::Binary(inner) if matches!(inner.op, BinOp::And(_)) => {
                let mut failed = self.condition(&inner.left);
                failed.extend(self.condition(&inner.right));
                failed
            }
            Expr::Binary(inner) if matches!(inner.op, BinOp::Or(_)) => {
                let failed = self.condition(&inner.left);
                let first = self.at;
                self.merge(failed);
                let failed = self.condition(&inner.right);
                let second = self.at;
                self.merge([first, second]);
                failed
            }
            Expr::Binary(inner) => match self.counts(inner) {
                Some((var, empty)) => {
                    let failed = self.fork_on();
                    let empty = if empty { self.at } else { failed };
                    self.on(empty, Event::Clear(var));
                    vec![failed]
                }
                None => self.opaque(expr),
            },
            Expr::Let(inner) => {
                let subject = self.subject(&inner.expr);
                let mut binds = Vec::new();
                let failed = self.test(&inner.pat, subject, &mut binds);
                self.declare_all(binds);
                failed.into_iter().collect()
            }
            // `tasks.next().await.is_some()` is tested as `let Some(_) = tasks.next().await` is.
            Expr::MethodCall(call)
                if matches!(*call.receiver, Expr::Await(_))
                    && (call.method == "is_some" || call.method == "is_none") =>
            {
                let some: syn::Pat = syn::parse_quote!(Some(_));
                let subject = self.subject(&call.receiver);
                let failed = self.test(&some, subject, &mut Vec::new());
                if call.method == "is_some" {
                    return failed.into_iter().collect();
                }
                let held = self.at;
                self.merge(failed);
                vec![held]
            }
            Expr::MethodCall(call) if call.args.is_empty() => {
                // Whether there is a handle at all.
                let method = call.method.to_string();
                let (holds, fails) = match &*method {
                    "is_some" | "is_ok" => (true, false),
                    "is_none" | "is_err" | "is_empty" => (false, true),
                    "is_finished" => return self.asks_finished(&call.receiver),
                    _ => return self.opaque(expr),
                };
                let place = self.place(&call.receiver);
                let failed = self.fork_on();
                match place {
                    Place::Var(var) | Place::Ref(var, _) | Place::Value(Value::Ref(var, _)) => {
                        let empty = if holds { failed } else { self.at };
                        self.clear(empty, var, method != "is_some" && method != "is_none");
                    }
                    Place::Value(Value::WhenOk(all)) => {
                        let ok = if fails { failed } else { self.at };
                        self.complete_on(ok, &all);
                    }
                    Place::Value(value @ (Value::Tuple(_) | Value::List(_) | Value::Yield(_))) => {
                        self.consume(value);
                    }
                    Place::Field(..) | Place::Part(_) | Place::Value(_) => {}
                }
                vec![failed]
            }
            other => self.opaque(other),
        }
    }

    /// On this path the variable is empty. Unless that is said of what is in it, it is `None`, and so the collection that
    /// it was taken out of is empty, too.
    pub(super) fn clear(&mut self, node: usize, var: Var, inner: bool) {
        self.on(node, Event::Clear(var));
        let from = self.info(var).and_then(|info| info.item_of);
        if let Some(from) = from.filter(|_| !inner) {
            self.on(node, Event::Clear(from));
        }
    }

    /// `h.is_finished()`: a handle that was lent before may have completed then; any other is still to be joined.
    fn asks_finished(&mut self, receiver: &Expr) -> Vec<usize> {
        let place = self.place(receiver);
        let failed = self.fork_on();
        match place {
            Place::Var(var) | Place::Ref(var, _) | Place::Value(Value::Ref(var, _)) => {
                self.event(Event::Finished(var));
            }
            Place::Value(value @ (Value::Tuple(_) | Value::List(_) | Value::Yield(_))) => {
                self.consume(value);
            }
            Place::Field(..) | Place::Part(_) | Place::Value(_) => {}
        }
        vec![failed]
    }

    /// `hs.len() > 0` and the like: the variable, and whether it is empty where the condition holds.
    fn counts(&mut self, inner: &ExprBinary) -> Option<(Var, bool)> {
        let (Expr::MethodCall(call), Expr::Lit(literal)) = (peel(&inner.left), peel(&inner.right))
        else {
            return None;
        };
        let Lit::Int(number) = &literal.lit else {
            return None;
        };
        let empty = match (&inner.op, number.base10_digits()) {
            (BinOp::Gt(_) | BinOp::Ne(_), "0") | (BinOp::Ge(_), "1") => false,
            (BinOp::Eq(_) | BinOp::Le(_), "0") | (BinOp::Lt(_), "1") => true,
            _ => return None,
        };
        if call.method != "len" {
            return None;
        }
        match peel(&call.receiver) {
            Expr::Path(path) => match self.local(&path.path)? {
                Binding::Var(var) | Binding::Ref(var, _) => Some((var, empty)),
                _ => None,
            },
            _ => None,
        }
    }

    fn opaque(&mut self, expr: &Expr) -> Vec<usize> {
        let start = self.next_var();
        self.used(expr);
        self.drop_from(start, LeakKind::EndOfStatement, expr.span());
        vec![self.fork_on()]
    }
}
