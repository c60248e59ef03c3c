//! Required fields: without them the session of a principal is treated as absent.

use std::any::type_name;

use session_core::Field;
use session_core::value::is_principal;

use super::any_view::Principal;
use super::base::Base;
use super::contents::Contents;
use super::missing_field::MissingField;
use super::view::View;
use crate::databag::Databag;

/// Whether one of these fields is required.
pub(crate) const fn requires(fields: &[Field]) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if fields[index].required {
            return true;
        }
        index += 1;
    }
    false
}

impl<T: Databag> View<T> {
    /// The first required field that is missing or unreadable in the record. Called before anything is written.
    pub(super) fn find_missing_field(&mut self, base: &Base) -> Option<MissingField> {
        for (index, field) in T::FIELDS.iter().enumerate() {
            if !field.required || base.cleared().includes(field) {
                continue;
            }
            let error = match base.live(field).map(|stored| self.started().decode(index, stored)) {
                Some(Ok(())) => {
                    self.fields[index].is_loaded = true;
                    continue;
                }
                Some(Err(error)) => Some(error),
                None => None,
            };
            return Some(MissingField { name: field.name, databag: type_name::<T>(), error });
        }
        None
    }
}

impl Contents {
    /// A missing required field of a view, if the session has a principal. Checked when the view is opened, and for all
    /// views when the session was reloaded.
    pub(crate) fn missing_field(&mut self, view: Option<usize>) -> Option<MissingField> {
        if !self.has_stored_principal() {
            return None;
        }
        let views =
            self.views.iter_mut().enumerate().filter(|(place, _)| view.is_none_or(|view| view == *place));
        let base = &self.base;
        views.map(|(_, view)| view).find_map(|view| view.missing_field(base))
    }

    /// Whether the record has a principal, which this request does not change.
    pub(super) fn has_stored_principal(&self) -> bool {
        let base = &self.base;
        let Some(record) = base.record.as_ref().filter(|_| !base.departed && !base.clears_principal()) else {
            return false;
        };
        record.fields().values().any(is_principal)
            || self.views.iter().any(|view| view.stored_principal(base) != Principal::None)
    }
}
