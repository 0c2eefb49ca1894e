//! The fields of tuples and structs in patterns.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Member, Pat, PatStruct, Token};

use super::forms::{Form, bindings, form, is_carried, is_irrefutable};
use super::patterns::{Binds, Handle};
use super::{CfgBuilder, Event, Var};

impl CfgBuilder<'_> {
    /// Moves the fields of a tuple to the names that take them.
    pub(super) fn take_tuple(
        &mut self,
        fields: &Punctuated<Pat, Token![,]>,
        var: Var,
        binds: &mut Binds,
    ) {
        let taken = fields.iter().filter(|field| takes(field)).count();
        let mut counted = true;
        for (index, field) in (0..).zip(fields) {
            counted &= !matches!(field, Pat::Rest(_));
            if !takes(field) || !counted && taken > 1 {
                // Behind `..` the index is unknown.
                binds.extend(self.others(field));
                if takes(field) {
                    self.event(Event::Join(var));
                }
                continue;
            }
            // Behind `..` it may be any of those that are left.
            let first = if counted { index } else { index - 1 };
            let last = if counted { index } else { 7 };
            let to = self.unpack(var, first, taken == 1);
            for index in first..last {
                let next = self.unpack(var, index + 1, taken == 1);
                self.event(Event::Move(next, to));
            }
            let _ = self.test_handle(field, Handle::of(to).inside(), binds);
        }
        // A field that is `None` has no handle here.
        for (index, field) in (0..).zip(fields) {
            if matches!(field, Pat::Rest(_)) {
                break;
            }
            if matches!(form(field), Form::Without { is_err: true, .. }) {
                let to = self.unpack(var, index, false);
                self.clear(self.at, to, true);
            }
        }
        if taken > 0 {
            self.take_in(var);
        }
    }

    /// Where a pattern like `(_, Some(h))` does not match, that field is `None`, if no other field could be the reason.
    pub(super) fn clear_field(
        &mut self,
        failed: usize,
        fields: &Punctuated<Pat, Token![,]>,
        var: Var,
    ) {
        let mut refutable = (0..)
            .zip(fields)
            .filter(|(_, field)| !is_irrefutable(field));
        let (Some((index, field)), None) = (refutable.next(), refutable.next()) else {
            return;
        };
        let behind_rest = fields
            .iter()
            .take(usize::from(index))
            .any(|field| matches!(field, Pat::Rest(_)));
        if let Form::Inside(inside, _) = form(field)
            && is_carried(inside)
            && !behind_rest
        {
            let at = std::mem::replace(&mut self.at, failed);
            let to = self.unpack(var, index, false);
            self.event(Event::Clear(to));
            self.at = at;
        }
    }

    /// Moves the fields of a struct literal to the names that take them.
    pub(super) fn take_fields(&mut self, pattern: &PatStruct, var: Var, binds: &mut Binds) {
        for field in &pattern.fields {
            if !takes(&field.pat) {
                binds.extend(self.others(&field.pat));
                continue;
            }
            let index = match &field.member {
                Member::Named(name) => self.field(name.unraw().to_string()),
                Member::Unnamed(index) => u8::try_from(index.index).unwrap_or(u8::MAX),
            };
            let to = self.unpack(var, index, false);
            self.event(Event::Expose(to));
            let _ = self.test_handle(&field.pat, Handle::of(to).inside(), binds);
        }
    }
}

/// Whether a pattern binds a name by value.
fn takes(pattern: &Pat) -> bool {
    let mut names = Vec::new();
    bindings(pattern, &mut names);
    names.iter().any(|name| name.by_ref.is_none())
}
