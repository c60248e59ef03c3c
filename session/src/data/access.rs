//! Typed access to the views of a session's data.

use std::any::Any;

use session_core::Record;

use super::any_view::{AnyView, Principal, Unwritable};
use super::base::Base;
use super::bound::first_bound;
use super::claim::Claim;
use super::contents::Contents;
use super::entry_state::EntryKey;
use super::field_state::Write;
use super::flash_state::CollectionField;
use super::lookup::IndexedValue;
use super::view::View;
use crate::config_error::ConfigError;
use crate::databag::{Databag, HasPrincipal};

impl Contents {
    /// Opens the view of a databag, unless it is open. Returns its index.
    ///
    /// # Errors
    ///
    /// [`ConfigError::SharedField`] and [`ConfigError::TwoPrincipals`].
    pub(crate) fn open<T: Databag>(&mut self) -> Result<usize, ConfigError> {
        if let Some(place) = self.place_of::<T>() {
            return Ok(place);
        }
        let new = Box::<View<T>>::default();
        for open in &self.views {
            check_together(&**open, &*new)?;
        }
        self.views.push(new);
        self.binds |= const { first_bound(T::FIELDS).is_some() };
        if self.base.departed || self.base.cleared() != super::cleared::Cleared::Nothing {
            self.judge_principal();
        }
        Ok(self.views.len() - 1)
    }

    /// Whether the view of a databag is open.
    pub(crate) fn is_open<T: Databag>(&self) -> bool {
        self.place_of::<T>().is_some()
    }

    fn place_of<T: Databag>(&self) -> Option<usize> {
        self.views.iter().position(|view| (&**view as &dyn Any).is::<View<T>>())
    }

    /// Discards the values of a databag, to be read from the record again, unless something was written to it. Returns
    /// whether something was.
    #[cfg(feature = "csrf")]
    pub(crate) fn reread<T: Databag>(&mut self) -> bool {
        let Some(place) = self.place_of::<T>() else { return false };
        let view = &mut self.views[place];
        let is_written = view.is_written();
        if !is_written {
            view.reset();
        }
        is_written
    }

    /// Opens the view of a databag with these values, all of which are treated as written.
    pub(crate) fn open_with<T: Databag>(&mut self, bag: T) -> usize {
        let view = View::from_bag(bag, &mut self.base);
        self.views.push(Box::new(view));
        self.binds |= const { first_bound(T::FIELDS).is_some() };
        self.views.len() - 1
    }

    pub(super) fn view<T: Databag>(&mut self, place: usize) -> (&mut View<T>, &mut Base) {
        let view: &mut dyn Any = &mut *self.views[place];
        let view = view.downcast_mut().expect("a view stays where it was opened");
        (view, &mut self.base)
    }

    /// Reads the whole databag in place, decoding all of it.
    pub(crate) fn read<T: Databag, R>(&mut self, place: usize, reader: impl FnOnce(&T) -> R) -> R {
        let (view, base) = self.view::<T>(place);
        for index in 0..T::FIELDS.len() {
            view.decoded(base, index);
        }
        reader(view.bag(base))
    }

    pub(crate) fn get<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        reader: impl FnOnce(&T) -> R,
    ) -> R {
        let (view, base) = self.view::<T>(place);
        reader(view.decoded(base, index))
    }

    pub(crate) fn set<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        self.write(place, index, Write::Set, true, writer)
    }

    pub(crate) fn update<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        let (view, base) = self.view::<T>(place);
        view.decoded(base, index);
        let is_own = view.is_own(base, index);
        self.write(place, index, Write::Set, is_own, writer)
    }

    pub(crate) fn take<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        let (view, base) = self.view::<T>(place);
        view.decoded(base, index);
        self.write(place, index, Write::Clear, true, writer)
    }

    fn write<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        write: Write,
        is_own: bool,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        let (view, base) = self.view::<T>(place);
        let returned = view.write(base, index, write, is_own, writer);
        if T::FIELDS[index].is_principal() {
            self.judge_principal();
        }
        returned
    }

    pub(crate) fn add<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        by: i64,
        reader: impl FnOnce(&T) -> R,
    ) -> R {
        let (view, base) = self.view::<T>(place);
        view.add(base, index, by);
        reader(view.bag(base))
    }

    pub(crate) fn take_flash<T: Databag, R>(
        &mut self,
        place: usize,
        index: usize,
        taker: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let (view, base) = self.view::<T>(place);
        view.take_flash(base, index).map(|mut bag| taker(&mut bag))
    }

    pub(crate) fn push_flash<T: Databag>(
        &mut self,
        place: usize,
        index: usize,
        field: CollectionField<T>,
        push: impl FnOnce(&mut T),
    ) {
        let (view, base) = self.view::<T>(place);
        view.push_flash(base, index, field, push);
    }

    pub(crate) fn keep_flash<T: Databag>(&mut self, place: usize, index: usize) {
        let (view, base) = self.view::<T>(place);
        view.keep_flash(base, index);
    }

    /// Uses fields that are never stored.
    pub(crate) fn unstored<T: Databag, R>(&mut self, place: usize, user: impl FnOnce(&mut T) -> R) -> R {
        let (view, base) = self.view::<T>(place);
        user(view.bag(base))
    }

    pub(crate) fn claim<T: Databag>(&mut self, place: usize, index: usize) -> Option<Claim<T>> {
        let (view, base) = self.view::<T>(place);
        view.claim(base, index)
    }

    pub(crate) fn claim_entry<T: Databag>(
        &mut self,
        place: usize,
        index: usize,
        key: &EntryKey,
    ) -> Option<Claim<T>> {
        let (view, base) = self.view::<T>(place);
        view.claim_entry(base, index, key)
    }

    /// Records the result of a claim: the record after it, or that another request got the value.
    pub(crate) fn end_claim<T: Databag>(&mut self, place: usize, claim: &Claim<T>, applied: Option<Record>) {
        let (view, base) = self.view::<T>(place);
        if let Some(record) = applied {
            base.record = Some(record);
        }
        view.end_claim(base, claim);
    }

    /// The indexed fields that were set, to whichever value.
    ///
    /// # Errors
    ///
    /// The name of a field whose value cannot be encoded, and why.
    pub(crate) fn indexed_values<T: Databag>(
        &mut self,
        place: usize,
    ) -> Result<Vec<IndexedValue>, Unwritable> {
        self.view::<T>(place).0.indexed_values()
    }

    /// The current principal; `None` for an anonymous session, and for one whose principal cannot be read.
    pub(crate) fn principal<T: HasPrincipal>(&mut self) -> Option<T::Principal> {
        let place = self.place_of::<T>()?;
        let (view, base) = self.view::<T>(place);
        match view.present_principal(base) {
            Principal::Known(_) => view.bag(base).principal(),
            Principal::None | Principal::Unknown => None,
        }
    }

    /// The fields that a list shows.
    pub(crate) fn labels<T: Databag>(&mut self, place: usize) -> T::Labels {
        let (view, base) = self.view::<T>(place);
        view.labels(base)
    }
}

/// Checks that two views of one session have different fields, and at most one of them a principal.
fn check_together(open: &dyn AnyView, new: &dyn AnyView) -> Result<(), ConfigError> {
    let databags = (open.databag(), new.databag());
    for field in new.fields() {
        for name in field.names() {
            if open.fields().iter().any(|other| other.names().any(|other| other == name)) {
                return Err(ConfigError::SharedField { field: name, databags });
            }
        }
    }
    if open.principal().is_some() && new.principal().is_some() {
        return Err(ConfigError::TwoPrincipals { databags });
    }
    Ok(())
}
