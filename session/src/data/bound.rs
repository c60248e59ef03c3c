//! Fields bound to the client from which the principal signed in.

use session_core::{Bind, Field};

use super::any_view::ClientValue;
use super::base::Base;
use super::contents::Contents;
use super::field_state::Write;
use super::handover::Owner;
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::databag::Databag;

/// Returns the first of these fields that is bound to the client.
pub(crate) const fn first_bound(fields: &'static [Field]) -> Option<&'static Field> {
    let mut index = 0;
    while index < fields.len() {
        if fields[index].bind.is_some() {
            return Some(&fields[index]);
        }
        index += 1;
    }
    None
}

/// The bound fields of a databag, with their indices.
fn bound_fields<T: Databag>() -> impl Iterator<Item = (usize, &'static Field, Bind)> {
    T::FIELDS.iter().enumerate().filter_map(|(index, field)| Some((index, field, field.bind?)))
}

impl<T: Databag> View<T> {
    /// The stored names of the fields that hold another client.
    #[cfg(feature = "http")]
    pub(super) fn find_changed_bindings(base: &Base, client: ClientValue<'_>) -> Vec<&'static str> {
        let mut bag = WipeOnDrop::<T>::default();
        let is_other = |(index, field, bind): &(usize, &'static Field, Bind)| {
            let (Some(stored), Some(value)) = (base.live(field), client(*bind)) else { return false };
            // An unreadable value is unknown too; its accessor reports it when it is read.
            bag.decode(*index, stored).is_ok()
                && bag.bound_field(*index).as_ref().is_some_and(|remembered| *remembered != value)
        };
        bound_fields::<T>().filter(is_other).map(|(_, field, _)| field.name).collect()
    }

    /// Sets the bound fields for this client.
    pub(super) fn set_bindings(&mut self, base: &mut Base, client: ClientValue<'_>) {
        for (index, _, bind) in bound_fields::<T>() {
            let value = client(bind);
            let write = if value.is_some() { Write::Set } else { Write::Clear };
            let mut new = WipeOnDrop::<T>::default();
            *new.bound_field(index) = value;
            self.write(base, index, write, true, |bag| bag.swap(&mut new, index));
        }
    }

    /// Drops what was set for a sign-in that did not take place.
    pub(super) fn drop_bindings(&mut self) {
        for (index, _, _) in bound_fields::<T>() {
            if self.fields.get(index).is_some_and(|field| field.is_written()) {
                self.reset_field(index);
                self.fields[index].clear();
            }
        }
    }

    /// Puts the bound fields back to the record's, without a change to write: the store refused the sign-in.
    pub(super) fn restore_bindings(&mut self) {
        self.drop_bindings();
        for (index, _, _) in bound_fields::<T>() {
            if let Some(field) = self.fields.get_mut(index) {
                field.mark_unsent();
            }
        }
    }
}

impl Contents {
    /// The stored names of a view's fields that hold another client, if the session has a principal.
    #[cfg(feature = "http")]
    pub(crate) fn changed_bindings(&self, view: usize, client: ClientValue<'_>) -> Vec<&'static str> {
        if self.has_stored_principal() {
            self.views[view].changed_bindings(&self.base, client)
        } else {
            Vec::new()
        }
    }

    /// Binds the session to this client if its principal signs in, or `authenticates`. Returns whether they do.
    pub(crate) fn bind(&mut self, authenticates: bool, client: ClientValue<'_>) -> bool {
        let is_proved = match self.owner() {
            Owner::Nobody => false,
            Owner::Same => authenticates,
            Owner::New => true,
        };
        for view in &mut self.views {
            if is_proved {
                view.bind(&mut self.base, client);
            } else {
                view.unbind();
            }
        }
        is_proved
    }
}
