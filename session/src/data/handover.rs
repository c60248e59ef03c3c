//! Changes of the principal of a session.

use std::mem;

use session_core::value::{is_indexed, is_principal};
use session_core::{Change, Field, Patch, Record};

use super::any_view::{Principal, Unwritable};
use super::base::stored;
use super::cleared::Cleared;
use super::contents::Contents;
use crate::codec::header;

/// The change of the principal by a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handover {
    /// Unchanged: the same principal, or still anonymous.
    None,
    /// The same principal, encoded differently.
    Respelt,
    /// From anonymous to a principal.
    SignedIn,
    /// To another principal, or to anonymous: every field that is not `keep` is dropped, except for what this request set.
    Left,
}

/// The current principal of a session, compared with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Anonymous, or of a principal that cannot be read.
    Nobody,
    /// The principal of the record.
    Same,
    /// Another principal than that of the record.
    New,
}

impl Contents {
    /// The view with the principal field.
    fn principal_view(&self) -> Option<usize> {
        self.views.iter().position(|view| view.principal().is_some())
    }

    /// Compares the current principal with the record's, after either changed.
    pub(super) fn judge_principal(&mut self) {
        let before = mem::take(&mut self.base.departed);
        let departed = match self.principal_view() {
            None => self.base.clears_principal(),
            Some(view) => {
                let view = &mut self.views[view];
                match view.stored_principal(&self.base) {
                    Principal::None => false,
                    Principal::Unknown => true,
                    stored @ Principal::Known(_) => view.present_principal(&mut self.base) != stored,
                }
            }
        };
        self.base.departed = departed;
        if departed != before {
            for view in &mut self.views {
                view.hand_over(&mut self.base);
            }
        }
    }

    /// The current principal, including changes that have not reached the record.
    pub(crate) fn owner(&mut self) -> Owner {
        let Some(view) = self.principal_view() else {
            let record = self.base.record.as_ref().filter(|_| !self.base.departed);
            let is_owned = record.is_some_and(|record| record.fields().values().any(is_principal));
            return if is_owned { Owner::Same } else { Owner::Nobody };
        };
        let Self { base, views, .. } = self;
        match (views[view].stored_principal(base), views[view].present_principal(base)) {
            (_, Principal::None | Principal::Unknown) => Owner::Nobody,
            (stored, present) if stored == present => Owner::Same,
            _ => Owner::New,
        }
    }

    /// Whether the principal of the record changes or is removed.
    pub(crate) fn has_departed(&self) -> bool {
        self.base.departed
    }

    /// Whether this patch, of the current changes, sets another principal than that of the record.
    pub(crate) fn signs_in(&mut self, patch: &Patch) -> bool {
        new_principal(patch).is_some() && self.owner() == Owner::New
    }

    /// The change of the principal by this patch.
    pub(crate) fn handover(&mut self, patch: &Patch) -> Handover {
        if self.base.departed {
            return Handover::Left;
        }
        let Some(view) = self.principal_view() else { return Handover::None };
        let Self { base, views, .. } = self;
        let view = &mut views[view];
        let Some(field) = view.principal().map(|index| &view.fields()[index]) else { return Handover::None };
        if !patch.drops_fields() && field.names().all(|name| patch.change(name).is_none()) {
            return Handover::None;
        }
        let Some(before) = &base.record else { return Handover::None };
        let Ok(after) = before.apply(patch) else { return Handover::None };
        let remains = stored(&after, field);
        if header::same(stored(before, field), remains) {
            return Handover::None;
        }
        match view.stored_principal(base) {
            Principal::None if view.present_principal(base) != Principal::None => Handover::SignedIn,
            // A failed request saves the sign-out and not the sign-in that followed it.
            Principal::Known(_) | Principal::Unknown if remains.is_none() => Handover::Left,
            _ => Handover::Respelt,
        }
    }

    /// The changes to write although the request failed: the sign-out of a principal with the fields dropped by it, and
    /// other clears. It signs nobody in.
    ///
    /// # Errors
    ///
    /// The name of a read-only field whose initial value cannot be encoded, and why.
    pub(crate) fn departure(&mut self) -> Result<Patch, Unwritable> {
        let mut patch = self.cleared_patch();
        if !patch.drops_fields() {
            return Ok(patch);
        }
        for view in &mut self.views {
            // Read-only fields can only be written now.
            view.add_constructed(&self.base, &mut patch)?;
        }
        if let (true, Some(record)) = (self.base.departed, &self.base.record) {
            let opened = self.views.iter().filter_map(|view| Some(&view.fields()[view.principal()?]));
            let names: Vec<_> = opened.flat_map(Field::names).collect();
            for (name, value) in record.fields() {
                let is_principal = is_principal(value) || names.contains(&name);
                if is_principal && patch.keeps(name, value) {
                    patch.insert(name.to_owned(), Change::Remove);
                }
            }
        }
        Ok(patch)
    }

    /// Whether [`departure`](Contents::departure) has something to write.
    pub(crate) fn departs(&self) -> bool {
        self.base.record.is_some() && self.base.cleared() != Cleared::Nothing
    }

    /// Whether the record of the session has a principal.
    pub(crate) fn has_principal(&self) -> bool {
        match self.principal_view() {
            Some(view) => self.views[view].stored_principal(&self.base) != Principal::None,
            None => self.base.record.iter().any(|record| self.principal_in(record).is_some()),
        }
    }

    /// The name and value of the principal in a record of this session.
    pub(crate) fn principal_in<'a>(&self, record: &'a Record) -> Option<(&'a str, &'a [u8])> {
        let opened = self.views.iter().find_map(|view| Some(&view.fields()[view.principal()?]));
        let is_declared = |name: &str| opened.is_some_and(|field| field.names().any(|own| own == name));
        record.fields().find(|(name, value)| is_principal(value) || is_indexed(value) && is_declared(name))
    }

    /// Resets the principal to the record's, without a change to write: the store refused the sign-in of the last
    /// patch.
    pub(crate) fn restore_principal(&mut self) {
        for view in &mut self.views {
            view.restore_principal(&self.base);
        }
        self.judge_principal();
    }
}

/// The name and value of the principal that a patch sets.
pub(crate) fn new_principal(patch: &Patch) -> Option<(&str, &[u8])> {
    patch.changes().find_map(|(name, change)| match change {
        Change::Set(value) | Change::CompareAndSet { value: Some(value), .. } if is_principal(value) => {
            Some((name, value.as_slice()))
        }
        _ => None,
    })
}
