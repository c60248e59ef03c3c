//! Implementation of [`AnyView`] for views.

use std::any::type_name;

use session_core::{Change, Field, Kind, Patch, Record};

use super::any_view::{AnyView, ClientValue, Principal, Unwritable};
use super::base::{Base, stored};
use super::cleared::Cleared;
use super::encode_field::{Defaults, FieldChange, principal_in};
use super::field_state::FieldState;
use super::missing_field::MissingField;
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::databag::Databag;

impl<T: Databag> AnyView for View<T> {
    fn databag(&self) -> &'static str {
        type_name::<T>()
    }

    fn fields(&self) -> &'static [Field] {
        T::FIELDS
    }

    fn principal(&self) -> Option<usize> {
        T::FIELDS.iter().position(Field::is_principal)
    }

    fn is_written(&self) -> bool {
        self.fields.iter().any(|field| field.is_written())
    }

    fn is_sent(&self) -> bool {
        self.fields.iter().any(|field| field.is_in_doubt())
    }

    fn start(&mut self) {
        self.started();
    }

    fn refresh(&mut self, base: &mut Base) {
        if self.is_plain() {
            return;
        }
        for index in 0..self.fields.len() {
            self.expire(base, index);
            if self.counters.contains_key(&index) {
                self.count(base, index);
            }
            if self.entries.contains_key(&index) {
                self.expire_entries(base, index);
            }
        }
    }

    fn add_changes(&mut self, base: &Base, creating: bool, patch: &mut Patch) -> Result<(), Unwritable> {
        patch.reserve(self.fields.iter().filter(|field| field.is_written()).count());
        let mut defaults = Defaults::default();
        self.next.clear();
        self.set_defaults.clear();
        for index in 0..self.fields.len() {
            let (field, declared) = (self.fields[index], &T::FIELDS[index]);
            let constructed = creating && declared.readonly || constructs(base, declared);
            let is_own = base.departed && (field.is_own || self.has_own_entries(index));
            let change = if let Kind::Entries { .. } = declared.kind {
                if field.is_written() || is_own {
                    self.entry_changes(base, index, patch)?
                } else {
                    FieldChange::None
                }
            } else if field.is_written() || constructed || is_own {
                self.change(base, index, creating || constructed, &mut defaults, patch)?
            } else {
                FieldChange::None
            };
            self.next.push(match change {
                FieldChange::Sent => field.after_patch(true),
                FieldChange::None => field.after_patch(false),
                // Written with the next patch that has other changes.
                FieldChange::SetDefault(value) => {
                    self.set_defaults.push((index, value));
                    field
                }
            });
        }
        Ok(())
    }

    fn add_set_defaults(&mut self, patch: &mut Patch) {
        for (index, value) in self.set_defaults.drain(..) {
            let name = T::FIELDS[index].name;
            if patch.change(name).is_none() {
                patch.insert(name, Change::Set(value));
                self.next[index] = self.fields[index].after_patch(true);
            }
        }
    }

    fn sent(&mut self) {
        std::mem::swap(&mut self.fields, &mut self.next);
        if self.is_plain() {
            return;
        }
        for ops in self.counters.values_mut() {
            ops.send();
        }
        self.entries_sent();
        // Nothing was sent, so the record is complete.
        self.counters.retain(|index, _| self.fields[*index].is_in_doubt());
    }

    fn applied(&mut self) {
        for field in &mut self.fields {
            field.applied();
        }
        if self.is_plain() {
            return;
        }
        // Counters start from the number in the new record.
        for index in self.counters.keys() {
            self.fields[*index].is_loaded = false;
        }
        self.counters.retain(|_, ops| ops.applied());
        self.entries_applied();
        for (index, flash) in self.flashes.iter_mut() {
            // Items pushed while the patch was in flight are not distinguished from those in it.
            if !self.fields[*index].is_changed() {
                flash.saved();
            }
        }
    }

    fn add_constructed(&mut self, base: &Base, patch: &mut Patch) -> Result<(), Unwritable> {
        self.started();
        let mut defaults = Defaults::default();
        for (index, field) in T::FIELDS.iter().enumerate() {
            if constructs(base, field) {
                self.change(base, index, true, &mut defaults, patch)?;
            }
        }
        Ok(())
    }

    fn clear(&mut self, cleared: Cleared) {
        let stays = |index: &usize| !cleared.includes(&T::FIELDS[*index]);
        let loaded = |index: &usize| {
            self.fields.get(*index).is_some_and(|field| field.is_loaded) || self.entries.contains_key(index)
        };
        let stay: Vec<_> = (0..T::FIELDS.len()).filter(|index| stays(index) && loaded(index)).collect();
        let mut bag = (!stay.is_empty()).then(WipeOnDrop::<T>::default);
        if let (Some(new), Some(old)) = (&mut bag, &mut self.bag) {
            for index in stay {
                new.swap(old, index);
            }
        }
        self.bag = bag;
        for (_, field) in self.fields.iter_mut().enumerate().filter(|(index, _)| !stays(index)) {
            field.clear();
        }
        self.deadlines.retain(|index, _| stays(index));
        self.counters.retain(|index, _| stays(index));
        self.flashes.retain(|index, _| stays(index));
        self.entries.retain(|index, _| stays(index));
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn missing_field(&mut self, base: &Base) -> Option<MissingField> {
        self.find_missing_field(base)
    }

    #[cfg(feature = "http")]
    fn changed_bindings(&self, base: &Base, client: ClientValue<'_>) -> Vec<&'static str> {
        Self::find_changed_bindings(base, client)
    }

    fn bind(&mut self, base: &mut Base, client: ClientValue<'_>) {
        self.set_bindings(base, client);
    }

    fn unbind(&mut self) {
        self.drop_bindings();
    }

    fn stored_principal(&self, base: &Base) -> Principal {
        let index = AnyView::principal(self);
        let Some((index, value)) =
            index.and_then(|index| Some((index, stored(base.record.as_ref()?, &T::FIELDS[index])?)))
        else {
            return Principal::None;
        };
        let mut bag = WipeOnDrop::<T>::default();
        match bag.decode(index, value) {
            Ok(()) => principal_in(&*bag, index),
            Err(_) => Principal::Unknown,
        }
    }

    fn present_principal(&mut self, base: &mut Base) -> Principal {
        let Some(index) = AnyView::principal(self) else { return Principal::None };
        let accessed = base.accessed;
        self.decoded(base, index);
        base.accessed = accessed;
        principal_in(self.started(), index)
    }

    fn hand_over(&mut self, base: &mut Base) {
        let mut defaults = WipeOnDrop::<T>::default();
        self.started();
        for (index, field) in T::FIELDS.iter().enumerate() {
            if field.is_principal() || !Cleared::Unkept.includes(field) {
                continue;
            }
            if self.entries.contains_key(&index) {
                self.hand_over_entries(index);
                continue;
            }
            if self.fields[index].is_own {
                self.leave_flash(base, index);
                continue;
            }
            if self.fields[index].is_loaded {
                self.started().swap(&mut defaults, index);
            }
            self.fields[index] = FieldState::default();
            self.deadlines.remove(index);
            self.counters.remove(index);
            self.flashes.remove(index);
        }
    }

    fn pushes_to(&self, name: &str) -> bool {
        self.pushed_field(name).is_some()
    }

    fn rejoin(&mut self, base: &mut Base, name: &str, record: &Record) {
        if let Some(index) = self.pushed_field(name) {
            self.rejoin_flash(base, index, record);
        }
    }

    fn restore_principal(&mut self, base: &Base) {
        self.restore_bindings();
        let Some(index) = AnyView::principal(self) else { return };
        self.reset_field(index);
        self.fields[index] = FieldState::default();
        // Values that are only written along with others are no reason to create a session.
        for (state, field) in self.fields.iter_mut().zip(T::FIELDS) {
            if base.record.is_none() && field.readonly {
                state.mark_unsent();
            }
        }
    }
}

/// Whether a read-only field is written as at creation, since the session starts over.
fn constructs(base: &Base, field: &Field) -> bool {
    field.readonly && !field.keep && base.starts_over()
}
