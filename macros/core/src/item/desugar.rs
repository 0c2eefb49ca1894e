//! Whether an `async fn` may become a `fn` that returns its guarded future.
//!
//! The future is then the guard itself: without the future of the `async fn` around it, which would hold the arguments a
//! second time and be one more type for rustc to see through whenever it asks whether a caller's future is `Send`.
//! Whoever calls the function, names it in a trait, or awaits it cannot tell the two apart. Others could, and for them
//! the function stays an `async fn`: see [`is_invisible`].

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{
    Attribute, FnArg, Ident, ImplItemFn, Lifetime, ParenthesizedGenericArguments, PatIdent, Path,
    ReturnType, Safety, Type, TypeFnPtr, TypeImplTrait, TypeMacro, TypeReference,
};

use crate::scan::discard::has_name;

/// Attributes that mean the same on both forms, and that read no function. `must_use` does not: on an `async fn` it is
/// about what is awaited.
const INERT: [&str; 9] = [
    "doc",
    "cfg",
    "allow",
    "warn",
    "deny",
    "forbid",
    "inline",
    "cold",
    "deprecated",
];

/// Whether attributes below ours leave the item as it is, whatever its form.
pub fn are_inert(attrs: &[Attribute]) -> bool {
    attrs.iter().all(|attr| is_inert(attr.path()))
}

/// Whether the attribute of this path leaves the item as it is, whatever its form.
pub fn is_inert(path: &Path) -> bool {
    INERT.iter().any(|name| path.is_ident(name))
}

/// Whether nobody can see that the function is no `async fn` any longer.
///
/// - An attribute below ours would see it: `#[tracing::instrument]`, `#[tokio::main]` and their like read the `async`.
/// - An `impl Trait` or a macro in the return type may mean something else inside of another `impl Trait`.
/// - A lifetime without a name in an argument's `impl Trait`, as in `impl Iterator<Item = &u8>`, is one that rustc
///   accepts in an `async fn` alone (E0658).
/// - `!` is no type that a future could have for its output.
/// - The body of an `unsafe fn` is what its edition says it is; it stays where it was.
/// - What makes the value after a panic, `handler`, may need an argument, and the body has them all.
pub fn is_invisible(function: &ImplItemFn, handler: Option<&TokenStream>) -> bool {
    let signature = &function.sig;
    signature.asyncness.is_some()
        && matches!(signature.safety, Safety::Default)
        && are_inert(&function.attrs)
        && match &signature.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => is_plain(ty),
        }
        && !signature.inputs.iter().any(has_anonymous_bound)
        && handler.is_none_or(|handler| !names_argument(function, handler))
}

/// Whether a return type holds nothing that depends on where it stands.
fn is_plain(ty: &Type) -> bool {
    struct Plain(bool);
    impl<'ast> Visit<'ast> for Plain {
        fn visit_type(&mut self, ty: &'ast Type) {
            self.0 &= !matches!(
                ty,
                Type::ImplTrait(_)
                    | Type::Macro(_)
                    | Type::Never(_)
                    | Type::Infer(_)
                    | Type::Verbatim(_)
            );
            visit::visit_type(self, ty);
        }
    }
    let mut plain = Plain(true);
    plain.visit_type(ty);
    plain.0
}

/// Whether an argument's `impl Trait` holds a lifetime without a name. Those of `Fn(&u8) -> &u8` and of function pointers
/// belong to the bound itself, and are not entered; a type that a macro makes is taken to hold one.
fn has_anonymous_bound(input: &FnArg) -> bool {
    struct Anonymous {
        inside: bool,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Anonymous {
        fn visit_type_impl_trait(&mut self, bounds: &'ast TypeImplTrait) {
            let outer = std::mem::replace(&mut self.inside, true);
            visit::visit_type_impl_trait(self, bounds);
            self.inside = outer;
        }
        fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
            self.found |= self.inside && reference.lifetime.is_none();
            visit::visit_type_reference(self, reference);
        }
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.found |= self.inside && lifetime.ident == "_";
        }
        fn visit_type_macro(&mut self, _: &'ast TypeMacro) {
            self.found |= self.inside;
        }
        fn visit_parenthesized_generic_arguments(
            &mut self,
            _: &'ast ParenthesizedGenericArguments,
        ) {
        }
        fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
    }
    let FnArg::Typed(input) = input else {
        return false;
    };
    let mut anonymous = Anonymous {
        inside: false,
        found: false,
    };
    anonymous.visit_type(&input.ty);
    anonymous.found
}

/// Whether tokens mention an argument of the function.
fn names_argument(function: &ImplItemFn, tokens: &TokenStream) -> bool {
    names(function)
        .iter()
        .any(|name| has_name(tokens.clone(), name))
}

/// The names of the arguments.
fn names(function: &ImplItemFn) -> Vec<Ident> {
    struct Names(Vec<Ident>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, binding: &'ast PatIdent) {
            self.0.push(binding.ident.clone());
            visit::visit_pat_ident(self, binding);
        }
    }
    let mut names = Names(Vec::new());
    for input in &function.sig.inputs {
        match input {
            FnArg::Receiver(receiver) => names.0.push(Ident::new("self", receiver.self_token.span)),
            FnArg::Typed(input) => names.visit_pat(&input.pat),
        }
    }
    names.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{ToTokens, quote};
    use syn::parse_quote;

    #[test]
    fn what_reads_the_function_keeps_it_an_async_fn() {
        let lifted: [ImplItemFn; 6] = [
            parse_quote!(
                async fn f(a: &u8, b: impl Fn(&u8) -> &u8, c: impl Into<fn(&u8) -> &u8>) {}
            ),
            parse_quote!(
                async fn f<'a>(a: impl Iterator<Item = &'a u8>, b: Vec<Cow<'_, str>>) {}
            ),
            parse_quote!(
                async fn f() {}
            ),
            parse_quote!(
                #[doc = "Docs."]
                #[inline]
                pub async fn f(&self, a: impl Into<u8>) -> Result<&str, E<'_>> {}
            ),
            parse_quote!(
                async fn f(self: Box<Self>, (a, _): (A, B)) -> Vec<dyn Fn(u8) -> u8> {}
            ),
            parse_quote!(
                #[cfg(unix)]
                #[allow(unused)]
                async fn f<'a, T>(a: &'a T) -> &'a T {}
            ),
        ];
        for function in lifted {
            assert!(
                is_invisible(&function, None),
                "{}",
                function.to_token_stream()
            );
        }
        let left: [ImplItemFn; 12] = [
            parse_quote!(
                async fn f(a: impl Iterator<Item = &u8>) {}
            ),
            parse_quote!(
                async fn f(a: Vec<impl Into<Cow<'_, str>>>) {}
            ),
            parse_quote!(
                async fn f(a: impl Into<ty!()>) {}
            ),
            parse_quote!(
                fn f() {}
            ),
            parse_quote!(
                async unsafe fn f() {}
            ),
            parse_quote!(
                async fn f() -> ! {}
            ),
            parse_quote!(
                async fn f() -> Result<impl Display, E> {}
            ),
            parse_quote!(
                async fn f() -> Box<answer!(u8)> {}
            ),
            parse_quote!(
                #[must_use]
                async fn f() {}
            ),
            parse_quote!(
                #[tracing::instrument]
                async fn f() {}
            ),
            parse_quote!(
                #[cfg_attr(a, instrument)]
                async fn f() {}
            ),
            parse_quote!(
                #[task_group]
                async fn f() {}
            ),
        ];
        for function in left {
            assert!(
                !is_invisible(&function, None),
                "{}",
                function.to_token_stream()
            );
        }
    }

    #[test]
    fn a_value_that_needs_an_argument_keeps_it_an_async_fn() {
        let function: ImplItemFn = parse_quote!(
            async fn f(&self, (a, b): (A, B)) {}
        );
        for (value, lifted) in [
            (quote!(0), true),
            (quote!(|panic| Reply::from(panic)), true),
            (quote!(self.c), false),
            (quote!(|_| b), false),
            (quote!(format!("{a:?}")), false),
        ] {
            assert_eq!(is_invisible(&function, Some(&value)), lifted, "{value}");
        }
    }
}
