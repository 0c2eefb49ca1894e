//! Names: what they stand for in the scopes of a body.

use syn::ext::IdentExt;
use syn::{FnArg, Ident, Pat, Path};

use super::{Binding, CfgBuilder, Var, escape};

impl CfgBuilder<'_> {
    pub(super) fn declare(&mut self, name: String, binding: Binding) {
        self.bound.entry(name.clone()).or_default().push(binding);
        self.scope.push(name);
    }

    /// Changes what a name in scope stands for.
    pub(super) fn rebind(&mut self, name: &str, binding: Binding) {
        match self.bound.get_mut(name).and_then(|all| all.last_mut()) {
            Some(last) => *last = binding,
            None => self.declare(name.to_owned(), binding),
        }
    }

    pub(super) fn declare_all(&mut self, binds: Vec<(String, Binding)>) {
        for (name, binding) in binds {
            self.declare(name, binding);
        }
    }

    /// Binds the names of a pattern to things without handles.
    pub(super) fn declare_others(&mut self, pattern: &Pat) {
        let binds = self.others(pattern);
        self.declare_all(binds);
    }

    pub(super) fn declare_arguments(&mut self, signature: &syn::Signature) {
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    if escape::is_shared_receiver(receiver) {
                        self.declare_argument("self".to_owned());
                    }
                }
                FnArg::Typed(argument) => match &*argument.pat {
                    Pat::Ident(name)
                        if name.mutability.is_none() && escape::is_shared(&argument.ty) =>
                    {
                        self.declare_argument(name.ident.unraw().to_string());
                    }
                    pattern => {
                        self.declare_others(pattern);
                        if let Pat::Ident(name) = pattern
                            && super::is_option(&argument.ty)
                        {
                            self.options.insert(name.ident.unraw().to_string());
                        }
                    }
                },
            }
        }
    }

    pub(super) fn leave_scope(&mut self, begin: usize) {
        for name in self.scope.drain(begin..).rev() {
            if let Some(bindings) = self.bound.get_mut(&name) {
                bindings.pop();
            }
        }
    }

    pub(super) fn binding(&self, name: &str) -> Option<Binding> {
        self.bound.get(name)?.last().copied()
    }

    /// Whether a name stands for an `Option`.
    pub(super) fn is_optional(&self, name: &Ident) -> bool {
        let name = name.unraw().to_string();
        match self.bound.get(&name).map(Vec::as_slice) {
            Some([.., Binding::Var(var)]) if self.info(*var).is_some_and(|it| it.optional) => true,
            // An argument that no other variable shadows.
            Some([_]) => self.options.contains(&name),
            _ => false,
        }
    }

    /// What a name stands for. A closure that mentions a variable of the outside captures it.
    pub(super) fn lookup(&mut self, name: &str) -> Option<Binding> {
        let binding = self.binding(name)?;
        match binding {
            Binding::Var(var) => self.mention(var, true),
            Binding::Ref(var, _) => self.mention(var, false),
            Binding::Result(result) => {
                for completion in self.results[result].clone() {
                    self.mention(completion.var(), true);
                }
            }
            _ => {}
        }
        Some(binding)
    }

    pub(super) fn mention(&mut self, var: Var, captures: bool) {
        if let Some(info) = self.cfg.vars.get_mut(var.0 as usize) {
            info.used = true;
        }
        for body in self.bodies.iter_mut().rev() {
            if var >= body.start {
                break;
            }
            if let (true, Some(capture)) = (captures, &mut body.capture)
                && !capture.mentioned.contains(&var)
            {
                capture.mentioned.push(var);
            }
        }
    }

    /// The closures around own what they use by value.
    pub(super) fn take_in(&mut self, var: Var) {
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
    pub(super) fn local(&mut self, path: &Path) -> Option<Binding> {
        let name = path.get_ident()?.unraw().to_string();
        self.lookup(&name)
    }

    /// The index of a struct field.
    pub(super) fn field(&mut self, name: String) -> u8 {
        let index = self.fields.iter().position(|known| *known == name);
        let index = index.unwrap_or_else(|| {
            self.fields.push(name);
            self.fields.len() - 1
        });
        u8::try_from(index).unwrap_or(u8::MAX)
    }
}
