//! `#[guarded]` on a whole `impl`, trait or module: every function in it.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Block, FnModifiers, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, ItemTrait,
    Signature, TraitItem, Type, Visibility,
};

use crate::args::OnPanic;
use crate::function::{is_cfg_test, is_left_alone, position_of};
use crate::guarded::{Args, Change, Place, guard_function, names_of};
use crate::pass::imports::Names;
use crate::pass::lift::are_inert;

/// An item with functions in it.
pub(crate) enum Container {
    Impl(ItemImpl),
    Trait(ItemTrait),
    Mod(ItemMod),
}

impl Parse for Container {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let item: Item = input.parse()?;
        match item {
            Item::Impl(item) => Ok(Self::Impl(item)),
            Item::Trait(item) => Ok(Self::Trait(item)),
            Item::Mod(item) if item.content.is_some() => Ok(Self::Mod(item)),
            Item::Mod(item) => Err(syn::Error::new(
                item.mod_token.span,
                "the attribute cannot see into another file: put it on the functions, or write the module inline",
            )),
            other => Err(syn::Error::new_spanned(
                other,
                "`#[guarded]` goes on a function, an `impl` block, a trait or an inline module",
            )),
        }
    }
}

impl ToTokens for Container {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Impl(item) => item.to_tokens(tokens),
            Self::Trait(item) => item.to_tokens(tokens),
            Self::Mod(item) => item.to_tokens(tokens),
        }
    }
}

impl Container {
    /// Changes the whole item.
    pub(crate) fn visit(&mut self, visitor: &mut impl VisitMut) {
        match self {
            Self::Impl(item) => visitor.visit_item_impl_mut(item),
            Self::Trait(item) => visitor.visit_item_trait_mut(item),
            Self::Mod(item) => visitor.visit_item_mod_mut(item),
        }
    }

    /// Rewrites every function inside; says whether anything changed.
    pub(crate) fn expand(&mut self, args: &Args) -> syn::Result<bool> {
        let mut pass = Pass {
            args,
            errors: None,
            changed: false,
        };
        let mut names = names_of(args, []);
        match self {
            Self::Impl(item) => pass.item_impl(item, &mut names, true),
            Self::Trait(item) => pass.item_trait(item, &mut names, true),
            Self::Mod(item) => pass.item_mod(item, true),
        }
        pass.errors.map_or(Ok(pass.changed), Err)
    }
}

struct Pass<'a> {
    args: &'a Args,
    errors: Option<syn::Error>,
    changed: bool,
}

impl Pass<'_> {
    fn item_mod(&mut self, item: &mut ItemMod, lift: bool) {
        let lift = lift && are_inert(&item.attrs);
        let Some((_, items)) = &mut item.content else {
            return;
        };
        // A nested module does not see the names of the one around.
        let mut names = names_of(self.args, &*items);
        self.each(items, Item::Verbatim, |pass, item| {
            match item {
                Item::Fn(item) => {
                    let modifiers = std::mem::take(&mut item.modifiers);
                    let documented = pass.function(
                        &mut names,
                        None,
                        lift,
                        Parts {
                            attrs: &mut item.attrs,
                            vis: &item.vis,
                            modifiers: &modifiers,
                            sig: &mut item.sig,
                            block: &mut item.block,
                        },
                    );
                    item.modifiers = modifiers;
                    return documented;
                }
                Item::Impl(item) => pass.item_impl(item, &mut names, lift),
                Item::Trait(item) => pass.item_trait(item, &mut names, lift),
                Item::Mod(item) if !is_skipped(&item.attrs) => pass.item_mod(item, lift),
                _ => {}
            }
            None
        });
    }

    /// Visits each item and puts before it what is to stand beside it.
    fn each<T>(
        &mut self,
        items: &mut Vec<T>,
        verbatim: fn(TokenStream) -> T,
        mut visit: impl FnMut(&mut Self, &mut T) -> Option<TokenStream>,
    ) {
        *items = std::mem::take(items)
            .into_iter()
            .flat_map(|mut item| {
                let beside = visit(self, &mut item).map(verbatim);
                beside.into_iter().chain([item])
            })
            .collect();
    }

    fn item_impl(&mut self, item: &mut ItemImpl, names: &mut Names, lift: bool) {
        if is_skipped(&item.attrs) {
            return;
        }
        let lift = lift && are_inert(&item.attrs);
        let owner = type_name(&item.self_ty);
        let is_drop = item.trait_.as_ref().is_some_and(|(path, _)| {
            path.segments
                .last()
                .is_some_and(|last| last.ident == "Drop")
        });
        self.each(&mut item.items, ImplItem::Verbatim, |pass, item| {
            let ImplItem::Fn(item) = item else {
                return None;
            };
            if is_drop && item.sig.ident == "drop" {
                return None;
            }
            pass.function(
                names,
                owner.as_deref(),
                lift,
                Parts {
                    attrs: &mut item.attrs,
                    vis: &item.vis,
                    modifiers: &item.modifiers,
                    sig: &mut item.sig,
                    block: &mut item.block,
                },
            )
        });
    }

    fn item_trait(&mut self, item: &mut ItemTrait, names: &mut Names, lift: bool) {
        if is_skipped(&item.attrs) {
            return;
        }
        let lift = lift && are_inert(&item.attrs);
        let owner = item.ident.to_string();
        self.each(&mut item.items, TraitItem::Verbatim, |pass, item| {
            let TraitItem::Fn(item) = item else {
                return None;
            };
            let block = item.default.as_mut()?;
            pass.function(
                names,
                Some(&owner),
                lift,
                Parts {
                    attrs: &mut item.attrs,
                    vis: &Visibility::Inherited,
                    modifiers: &FnModifiers::default(),
                    sig: &mut item.sig,
                    block,
                },
            )
        });
    }

    /// Rewrites a function; what is to stand beside it, if anything.
    fn function(
        &mut self,
        names: &mut Names,
        owner: Option<&str>,
        lift: bool,
        parts: Parts<'_>,
    ) -> Option<TokenStream> {
        // One that has an attribute of ours follows that one.
        if is_left_alone(parts.attrs, parts.sig)
            || position_of(parts.attrs, &["guarded", "task_group", "must_join"]).is_some()
        {
            return None;
        }
        let mut function = ImplItemFn {
            attrs: parts.attrs.clone(),
            vis: parts.vis.clone(),
            modifiers: parts.modifiers.clone(),
            sig: parts.sig.clone(),
            block: parts.block.clone(),
        };
        let place = Place {
            owner,
            bare: OnPanic::Unwind,
            lift,
        };
        match guard_function(self.args, names, &place, &mut function) {
            Ok(Change::Nothing) => None,
            Ok(change) => {
                self.changed = true;
                *parts.attrs = function.attrs;
                *parts.sig = function.sig;
                *parts.block = function.block;
                match change {
                    Change::Lifted(documented) => Some(documented.into_token_stream()),
                    Change::Nothing | Change::InPlace => None,
                }
            }
            Err(error) => {
                match &mut self.errors {
                    Some(errors) => errors.combine(error),
                    None => self.errors = Some(error),
                }
                None
            }
        }
    }
}

/// The parts that functions of all kinds have.
struct Parts<'a> {
    attrs: &'a mut Vec<Attribute>,
    vis: &'a Visibility,
    modifiers: &'a FnModifiers,
    sig: &'a mut Signature,
    block: &'a mut Block,
}

fn is_skipped(attrs: &[Attribute]) -> bool {
    attrs.iter().any(is_cfg_test) || position_of(attrs, &["guarded", "task_group"]).is_some()
}

/// The last name in the path of a type.
fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Reference(reference) => type_name(&reference.elem),
        Type::Group(group) => type_name(&group.elem),
        Type::Paren(paren) => type_name(&paren.elem),
        _ => None,
    }
}
