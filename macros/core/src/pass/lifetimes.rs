//! Names for the lifetimes that a signature elides.
//!
//! The error of a discarded task is converted where it is spawned and taken where the function ends. Both sides name the
//! error type by the tokens of the return type. In a body an elided lifetime there would be inferred anew, so that the
//! two could differ; a named one cannot.

use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    FnArg, GenericParam, Lifetime, LifetimeParam, ParenthesizedGenericArguments, ReceiverKind,
    ReturnType, Signature, Type, TypeFnPtr, TypeReference,
};

/// Gives every elided lifetime of `output` the name that elision gives it, in the signature and in `output`.
///
/// Returns `None` when nothing is elided, or when elision does not allow it, which rustc reports.
pub fn named(signature: &Signature, output: &Type) -> Option<(Signature, Type)> {
    let mut seen = Found::default();
    seen.visit_type(output);
    if seen.elided == 0 {
        return None;
    }
    let mut signature = signature.clone();
    let fresh = Lifetime::new("'__rejoin", crate::emit::located(signature.ident.span()));
    let (lifetime, used) = source(&mut signature, &fresh)?;
    let mut output = output.clone();
    let mut fill = Fill(&lifetime);
    fill.visit_type_mut(&mut output);
    if let ReturnType::Type(_, ty) = &mut signature.output {
        fill.visit_type_mut(ty);
    }
    if used {
        let at = signature
            .generics
            .params
            .iter()
            .take_while(|param| matches!(param, GenericParam::Lifetime(_)))
            .count();
        signature
            .generics
            .params
            .insert(at, GenericParam::Lifetime(LifetimeParam::new(fresh)));
    }
    Some((signature, output))
}

/// The lifetime that elided ones in the output have, given the name `fresh` if it has none; whether that was needed.
fn source(signature: &mut Signature, fresh: &Lifetime) -> Option<(Lifetime, bool)> {
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first_mut() {
        match &mut receiver.kind {
            ReceiverKind::Reference(_, lifetime, _) => {
                return Some(match lifetime {
                    Some(lifetime) if lifetime.ident != "_" => (lifetime.clone(), false),
                    lifetime => {
                        *lifetime = Some(fresh.clone());
                        (fresh.clone(), true)
                    }
                });
            }
            ReceiverKind::Typed(_, ty) => {
                if let Some(found) = only([&mut **ty], fresh) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    let inputs = signature.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(input) => Some(&mut *input.ty),
        FnArg::Receiver(_) => None,
    });
    only(inputs, fresh)
}

/// The only lifetime in these types.
fn only<'a>(
    types: impl IntoIterator<Item = &'a mut Type>,
    fresh: &Lifetime,
) -> Option<(Lifetime, bool)> {
    let mut types: Vec<_> = types.into_iter().collect();
    let mut found = Found::default();
    for ty in &types {
        found.visit_type(ty);
    }
    match (&*found.named, found.elided) {
        ([first, rest @ ..], 0) => rest
            .iter()
            .all(|other| other == first)
            .then(|| (first.clone(), false)),
        ([], 1) => {
            for ty in &mut types {
                Fill(fresh).visit_type_mut(ty);
            }
            Some((fresh.clone(), true))
        }
        _ => None,
    }
}

/// The lifetimes of a type, but for those that a function type or `Fn(…)` introduces.
#[derive(Default)]
struct Found {
    named: Vec<Lifetime>,
    elided: usize,
}

impl<'ast> Visit<'ast> for Found {
    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        self.elided += usize::from(ty.lifetime.is_none());
        syn::visit::visit_type_reference(self, ty);
    }
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident == "_" {
            self.elided += 1;
        } else if lifetime.ident != "static" {
            self.named.push(lifetime.clone());
        }
    }
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}
}

/// Fills in the elided ones.
struct Fill<'a>(&'a Lifetime);

impl VisitMut for Fill<'_> {
    fn visit_type_reference_mut(&mut self, ty: &mut TypeReference) {
        ty.lifetime.get_or_insert_with(|| self.0.clone());
        syn::visit_mut::visit_type_reference_mut(self, ty);
    }
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.0.clone();
        }
    }
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::parse_quote;

    fn check(before: Signature, after: Option<Signature>) {
        let ReturnType::Type(_, output) = &before.output else {
            unreachable!("the tests have outputs")
        };
        let named = named(&before, output).map(|(signature, output)| {
            assert_eq!(
                signature.output.to_token_stream().to_string(),
                ReturnType::Type(parse_quote!(->), Box::new(output))
                    .to_token_stream()
                    .to_string()
            );
            signature.to_token_stream().to_string()
        });
        assert_eq!(
            named,
            after.map(|after| after.to_token_stream().to_string())
        );
    }

    #[test]
    fn elided_lifetimes_get_the_name_that_elision_gives() {
        check(
            parse_quote!(async fn f(&self, b: &str) -> Result<&str, E<'_>>),
            Some(parse_quote!(
                async fn f<'__rejoin>(&'__rejoin self, b: &str) -> Result<&'__rejoin str, E<'__rejoin>>
            )),
        );
        check(
            parse_quote!(async fn f<'a, T>(a: &'a str, b: T) -> E<'_>),
            Some(parse_quote!(async fn f<'a, T>(a: &'a str, b: T) -> E<'a>)),
        );
        check(
            parse_quote!(async fn f<T>(a: X<'_>, b: T) -> &T),
            Some(parse_quote!(async fn f<'__rejoin, T>(a: X<'__rejoin>, b: T) -> &'__rejoin T)),
        );
        check(
            parse_quote!(async fn f(self: Pin<&mut Self>, b: &u8) -> &u8),
            Some(parse_quote!(
                async fn f<'__rejoin>(self: Pin<&'__rejoin mut Self>, b: &u8) -> &'__rejoin u8
            )),
        );
    }

    #[test]
    fn signatures_that_elide_nothing_stay() {
        check(parse_quote!(async fn f(a: &str) -> Result<(), E>), None);
        check(
            parse_quote!(async fn f(a: &str) -> Box<dyn Fn(&u8) -> &u8>),
            None,
        );
        check(parse_quote!(async fn f(a: &str, b: &str) -> &str), None);
    }
}
