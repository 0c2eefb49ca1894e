//! What a signature and a body say about what a function returns.

use syn::{
    Block, Expr, ExprAsync, GenericArgument, Pat, PathArguments, ReturnType, Signature, Stmt, Type,
    TypeParamBound,
};

use crate::scan::peel;

/// How a function gives its value.
pub enum Shape {
    /// `async fn`.
    Async,
    /// A `fn` that ends with `Box::pin(async move { … })`, as `#[async_trait]` leaves it.
    Boxed { output: Type },
    /// A `fn` that returns a future; `boxed` when its type is `Pin<Box<dyn Future>>`.
    Returned { output: Type, boxed: bool },
    /// Any other `fn`.
    Plain,
}

impl Shape {
    pub fn of(signature: &Signature, body: &Block) -> Self {
        if signature.asyncness.is_some() {
            return Shape::Async;
        }
        let ReturnType::Type(_, ty) = &signature.output else {
            return Shape::Plain;
        };
        match future_output(ty) {
            Some((output, true)) if boxed_literal(body).is_some() => Shape::Boxed { output },
            Some((output, boxed)) => Shape::Returned { output, boxed },
            None => Shape::Plain,
        }
    }
}

/// The output of a type that is spelled as a future, and whether it is in a box.
fn future_output(ty: &Type) -> Option<(Type, bool)> {
    match ty {
        Type::Group(group) => future_output(&group.elem),
        Type::Paren(paren) => future_output(&paren.elem),
        Type::ImplTrait(ty) => ty
            .bounds
            .iter()
            .find_map(bound_output)
            .map(|ty| (ty, false)),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(generics) = &last.arguments else {
                return None;
            };
            let first = generics.args.iter().find_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })?;
            if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" {
                return Some((first.clone(), true));
            }
            let Type::Path(inner) = first else {
                return None;
            };
            let inner = inner.path.segments.last()?;
            if last.ident != "Pin" || inner.ident != "Box" {
                return None;
            }
            let PathArguments::AngleBracketed(generics) = &inner.arguments else {
                return None;
            };
            generics.args.iter().find_map(|arg| match arg {
                GenericArgument::Type(Type::TraitObject(object)) => object
                    .bounds
                    .iter()
                    .find_map(bound_output)
                    .map(|ty| (ty, true)),
                _ => None,
            })
        }
        _ => None,
    }
}

/// `T` of a bound `Future<Output = T>`.
fn bound_output(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let last = bound.path.segments.last()?;
    if last.ident != "Future" {
        return None;
    }
    let PathArguments::AngleBracketed(generics) = &last.arguments else {
        return None;
    };
    generics.args.iter().find_map(|arg| match arg {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(assoc.ty.clone()),
        _ => None,
    })
}

/// The async block of a body that ends with `Box::pin(async move { … })`.
fn boxed_literal(body: &Block) -> Option<&ExprAsync> {
    let Some(Stmt::Expr(Expr::Call(call), None)) = body.stmts.last() else {
        return None;
    };
    if !is_box_pin(&call.func) || call.args.len() != 1 {
        return None;
    }
    match call.args.first()? {
        Expr::Async(literal) if literal.capture.is_some() => Some(literal),
        _ => None,
    }
}

/// The argument of the `Box::pin(…)` that a body ends with.
pub fn boxed_argument(body: &mut Block) -> Option<&mut Expr> {
    boxed_literal(body)?;
    match body.stmts.last_mut()? {
        Stmt::Expr(Expr::Call(call), None) => call.args.first_mut(),
        _ => None,
    }
}

/// Leaves it to the compiler what the block that `async_trait` makes yields: it says the type of the function, and that
/// is not what the body of a group yields that collects.
///
/// ```text
/// Input:  if let Some(__ret) = None::<R> { return __ret; } let __ret: R = { body }; __ret
/// Output: if let Some(__ret) = None::<_> { return __ret; } let __ret: _ = { body }; __ret
/// ```
pub fn infer_returned(block: &mut Block) {
    let infer = || syn::parse_quote!(_);
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::Local(local) => {
                if let Pat::Type(typed) = &mut local.pat
                    && matches!(&*typed.pat, Pat::Ident(name) if name.ident == "__ret")
                {
                    *typed.ty = infer();
                }
            }
            Stmt::Expr(Expr::If(inner), _) => {
                if let Expr::Let(condition) = &mut *inner.cond
                    && let Pat::TupleStruct(some) = &*condition.pat
                    && let [Pat::Ident(name)] = &some.elems.iter().collect::<Vec<_>>()[..]
                    && name.ident == "__ret"
                    && let Expr::Path(none) = &mut *condition.expr
                    && let Some(last) = none.path.segments.last_mut()
                    && let PathArguments::AngleBracketed(generics) = &mut last.arguments
                {
                    for argument in &mut generics.args {
                        *argument = GenericArgument::Type(infer());
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_box_pin(callee: &Expr) -> bool {
    let Expr::Path(path) = peel(callee) else {
        return false;
    };
    let mut segments = path.path.segments.iter().rev();
    segments.next().is_some_and(|last| last.ident == "pin")
        && segments.next().is_some_and(|front| front.ident == "Box")
}

/// Whether a type is `impl IntoResponse`, perhaps with more bounds.
pub fn is_into_response(ty: &Type) -> bool {
    matches!(ty, Type::ImplTrait(ty) if ty.bounds.iter().any(|bound| matches!(
        bound,
        TypeParamBound::Trait(bound)
            if bound.path.segments.last().is_some_and(|last| last.ident == "IntoResponse")
    )))
}

/// Whether any `impl Trait` stands in a type.
pub fn has_impl(ty: &Type) -> bool {
    struct Has(bool);
    impl<'ast> syn::visit::Visit<'ast> for Has {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut has = Has(false);
    syn::visit::Visit::visit_type(&mut has, ty);
    has.0
}
