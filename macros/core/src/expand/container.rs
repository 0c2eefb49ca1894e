//! An attribute on a whole `impl`, trait or module: every function in it.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Block, FnModifiers, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, ItemTrait,
    Signature, TraitItem, Type, Visibility,
};

use super::{Context, expand_function};
use crate::input::{self, Open};
use crate::item::desugar::are_inert;
use crate::item::{is_cfg_test, is_left_alone};
use crate::leak::build::Tracked;
use crate::options::policy::OnPanic;
use crate::scan::{Around, Resolver};
use crate::stack::{Kind, Stack, has};

/// An item with functions in it.
enum Container {
    Impl(ItemImpl),
    Trait(ItemTrait),
    Mod(ItemMod),
}

/// Whether the item is an `impl`, a trait or a module, by the first word that decides it.
pub(super) fn is_container(item: &TokenStream) -> bool {
    let mut tokens = item.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // `#[…]`
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                tokens.next();
            }
            TokenTree::Ident(ident) => match &*ident.to_string() {
                "pub" | "unsafe" | "default" | "auto" => {}
                "impl" | "mod" | "trait" => return true,
                _ => return false,
            },
            // `pub`
            TokenTree::Group(_) => {}
            _ => return false,
        }
    }
    false
}

/// Parses the item under an attribute.
fn parse(attribute: &str, item: TokenStream) -> syn::Result<Container> {
    let item = <Item as syn::parse::Parse>::parse.parse2(input::statements(item))?;
    match item {
        Item::Impl(item) => Ok(Container::Impl(item)),
        Item::Trait(item) => Ok(Container::Trait(item)),
        Item::Mod(item) if item.content.is_some() => Ok(Container::Mod(item)),
        Item::Mod(item) => Err(syn::Error::new(
            item.mod_token.span,
            "the attribute cannot see into another file: put it on the functions, or write the module inline",
        )),
        other => Err(syn::Error::new_spanned(other, not_here(attribute))),
    }
}

/// Where an attribute on functions and containers goes.
pub(super) fn not_here(attribute: &str) -> String {
    format!("`#[{attribute}]` goes on a function, an `impl` block, a trait or an inline module")
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
    fn visit(&mut self, visitor: &mut impl VisitMut) {
        match self {
            Self::Impl(item) => visitor.visit_item_impl_mut(item),
            Self::Trait(item) => visitor.visit_item_trait_mut(item),
            Self::Mod(item) => visitor.visit_item_mod_mut(item),
        }
    }

    /// The attributes that stand below.
    fn attrs_mut(&mut self) -> &mut Vec<Attribute> {
        match self {
            Self::Impl(item) => &mut item.attrs,
            Self::Trait(item) => &mut item.attrs,
            Self::Mod(item) => &mut item.attrs,
        }
    }
}

/// Expands an attribute of a whole item: of every function inside.
pub(super) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut container = parse(kind.name(), item.clone())?;
    let below = container.attrs_mut().len();
    let stack = Stack::take(kind, args, container.attrs_mut())?;
    let alone = container.attrs_mut().len() == below;
    let mut open = Open::default();
    container.visit(&mut open);
    let around = match &container {
        Container::Impl(item) => Around::of_impl(item),
        Container::Trait(item) => Around::of(&item.ident),
        Container::Mod(item) => Around::of(&item.ident),
    };
    let mut resolver = Resolver::new(stack.runtime(), around);
    let relative = stack
        .runtime()
        .is_some_and(|path| resolver.is_relative(path));
    let mut pass = Pass {
        stack,
        relative,
        resolver: &mut resolver,
        tracked: Tracked::default(),
        conditional: TokenStream::new(),
        errors: None,
        changed: false,
    };
    if let Container::Impl(item) = &container {
        pass.note_impl(item);
    }
    match &mut container {
        Container::Impl(item) => pass.item_impl(item, true),
        Container::Trait(item) => pass.item_trait(item, true),
        Container::Mod(item) => pass.item_mod(item, true),
    }
    if let Some(errors) = pass.errors {
        return Err(errors);
    }
    let conditional = pass.conditional;
    Ok(if pass.changed || open.0 || !alone {
        quote!(#container #conditional)
    } else {
        quote!(#item #conditional)
    })
}

struct Pass<'a> {
    stack: Stack,
    /// Whether the user's path of rejoin begins with a name of the module around.
    relative: bool,
    resolver: &'a mut Resolver,
    tracked: Tracked,
    /// Errors that exist only where what they are about does.
    conditional: TokenStream,
    errors: Option<syn::Error>,
    changed: bool,
}

impl Pass<'_> {
    fn item_mod(&mut self, item: &mut ItemMod, lift: bool) {
        let lift = lift && are_inert(&item.attrs);
        let Some((_, items)) = &mut item.content else {
            return;
        };
        self.resolver.enter_module(&item.ident, items);
        let around = self.relative.then(|| {
            let within = self.stack.within_module();
            std::mem::replace(&mut self.stack, within)
        });
        let outer = std::mem::take(&mut self.tracked);
        for item in &*items {
            match item {
                Item::Fn(item) if !is_left_alone(&item.attrs, &item.sig) => {
                    self.tracked.note(None, &item.sig);
                }
                Item::Impl(item) => self.note_impl(item),
                _ => {}
            }
        }
        for item in items {
            match item {
                Item::Fn(item) => {
                    let modifiers = std::mem::take(&mut item.modifiers);
                    self.function(
                        (None, false),
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
                }
                Item::Impl(item) => self.item_impl(item, lift),
                Item::Trait(item) => self.item_trait(item, lift),
                Item::Mod(item) if !self.skips(&item.attrs) => self.item_mod(item, lift),
                _ => {}
            }
        }
        self.tracked = outer;
        if let Some(around) = around {
            self.stack = around;
        }
        self.resolver.leave_module();
    }

    /// Notes the methods that return handles.
    fn note_impl(&mut self, item: &ItemImpl) {
        let owner = type_name(&item.self_ty);
        for item in &item.items {
            if let ImplItem::Fn(item) = item
                && !is_left_alone(&item.attrs, &item.sig)
            {
                self.tracked.note(owner.as_deref(), &item.sig);
            }
        }
    }

    /// Whether an item has an attribute of its own, which it follows. A group in what must join is analysed here.
    fn passes_by(&self, attrs: &[Attribute]) -> bool {
        let own: &[Kind] = if self.stack.join.is_some() {
            &[Kind::MustJoin]
        } else {
            &[Kind::Guarded, Kind::TaskGroup, Kind::MustJoin]
        };
        has(attrs, own)
    }

    /// Whether an item within is left alone.
    fn skips(&self, attrs: &[Attribute]) -> bool {
        attrs.iter().any(is_cfg_test) || self.passes_by(attrs)
    }

    fn item_impl(&mut self, item: &mut ItemImpl, lift: bool) {
        if self.skips(&item.attrs) {
            return;
        }
        let lift = lift && are_inert(&item.attrs);
        let owner = type_name(&item.self_ty);
        let of_trait = item.trait_.is_some();
        let is_drop = item.trait_.as_ref().is_some_and(|(path, _)| {
            path.segments
                .last()
                .is_some_and(|last| last.ident == "Drop")
        });
        for item in &mut item.items {
            let ImplItem::Fn(item) = item else {
                continue;
            };
            if is_drop && item.sig.ident == "drop" {
                continue;
            }
            self.function(
                (owner.as_deref(), of_trait),
                lift,
                Parts {
                    attrs: &mut item.attrs,
                    vis: &item.vis,
                    modifiers: &item.modifiers,
                    sig: &mut item.sig,
                    block: &mut item.block,
                },
            );
        }
    }

    fn item_trait(&mut self, item: &mut ItemTrait, lift: bool) {
        if self.skips(&item.attrs) {
            return;
        }
        let lift = lift && are_inert(&item.attrs);
        let owner = item.ident.to_string();
        for item in &mut item.items {
            let TraitItem::Fn(item) = item else {
                continue;
            };
            let Some(block) = item.default.as_mut() else {
                continue;
            };
            self.function(
                (Some(&owner), false),
                lift,
                Parts {
                    attrs: &mut item.attrs,
                    vis: &Visibility::Inherited,
                    modifiers: &FnModifiers::default(),
                    sig: &mut item.sig,
                    block,
                },
            );
        }
    }

    /// Expands the attribute of one function.
    fn function(&mut self, (owner, of_trait): (Option<&str>, bool), lift: bool, parts: Parts<'_>) {
        // One that has an attribute of ours follows that one.
        if is_left_alone(parts.attrs, parts.sig) || self.passes_by(parts.attrs) {
            return;
        }
        let mut function = ImplItemFn {
            attrs: parts.attrs.clone(),
            vis: parts.vis.clone(),
            modifiers: parts.modifiers.clone(),
            sig: parts.sig.clone(),
            block: parts.block.clone(),
        };
        self.tracked.owner = owner.map(str::to_owned);
        let mut context = Context {
            resolver: &mut *self.resolver,
            owner,
            of_trait,
            tracked: &self.tracked,
            bare: OnPanic::Unwind,
            lift,
            conditional: TokenStream::new(),
        };
        let change = expand_function(&self.stack, &mut context, &mut function);
        self.conditional.extend(context.conditional);
        match change {
            Ok(false) => {}
            Ok(true) => {
                self.changed = true;
                *parts.attrs = function.attrs;
                *parts.sig = function.sig;
                *parts.block = function.block;
            }
            Err(error) => match &mut self.errors {
                Some(errors) => errors.combine(error),
                None => self.errors = Some(error),
            },
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
