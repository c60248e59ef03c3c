//! Flash fields: values that a later request takes once.

use std::mem;

use session_core::{Patch, Record};

use super::base::{Base, stored};
use super::encode_field::unreadable;
use super::field_state::Write;
use super::flash_state::{CollectionField, Flash, Pushed};
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::codec::header;
use crate::databag::Databag;

impl<T: Databag> View<T> {
    /// Takes the value that an earlier request set in the field at `index`, in a bag.
    pub(super) fn take_flash(&mut self, base: &mut Base, index: usize) -> Option<WipeOnDrop<T>> {
        self.bag(base);
        let flash = self.flash(base, index);
        if mem::replace(&mut flash.taken, true) {
            return None;
        }
        let own = flash.own;
        let loaded = flash.loaded.clone()?;
        let bag = shown(base, index, &loaded)?;
        if !self.join_pushed(base, index) && !own {
            self.fields[index].write(Write::Take);
            self.reset_field(index);
        }
        Some(bag)
    }

    /// Keeps the value that an earlier request set, unless this one set another.
    pub(super) fn keep_flash(&mut self, base: &mut Base, index: usize) {
        self.bag(base);
        let flash = self.flash(base, index);
        let is_replaced = flash.own && flash.pushed.is_none();
        if is_replaced || !mem::replace(&mut flash.taken, false) || self.join_pushed(base, index) {
            return;
        }
        let flash = self.flash(base, index);
        let Some(loaded) = flash.loaded.clone() else { return };
        if self.started().decode(index, &loaded).is_ok() {
            self.fields[index].write(Write::Set);
            match header::deadline(&loaded) {
                Some(deadline) => self.deadlines.insert(index, deadline),
                None => self.deadlines.remove(index),
            };
        }
    }

    /// Appends an item to the field at `index`, after those of earlier requests that this one has not taken.
    pub(super) fn push_flash(
        &mut self,
        base: &mut Base,
        index: usize,
        field: CollectionField<T>,
        push: impl FnOnce(&mut T),
    ) {
        self.bag(base);
        self.expire(base, index);
        let is_written = self.fields[index].is_written();
        let flash = self.flash(base, index);
        if flash.own && flash.pushed.is_none() {
            if is_written {
                return self.write(base, index, Write::Set, true, push);
            }
            // The value that this request set is saved, and other requests may have taken it since.
            (flash.loaded, flash.taken) = (base.live(&T::FIELDS[index]).map(<[u8]>::to_vec), false);
        }
        push(flash.pushed.get_or_insert_with(|| Pushed::new(field)).unsaved());
        self.join_pushed(base, index);
    }

    /// Appends the pushed items to the rest of the loaded value. Returns whether there are any.
    pub(super) fn join_pushed(&mut self, base: &mut Base, index: usize) -> bool {
        let Some(Flash { loaded, taken, own, pushed: Some(pushed) }) = self.flashes.get_mut(&index) else {
            return false;
        };
        let mut joined = None;
        if !*taken {
            joined = loaded.as_ref().and_then(|loaded| shown(base, index, loaded));
            // A value that cannot be read is reported once.
            *loaded = loaded.take().filter(|_| joined.is_some());
        }
        let mut joined = joined.unwrap_or_else(|| pushed.empty());
        pushed.append_to(&mut joined);
        *own = true;
        self.started().swap(&mut joined, index);
        self.fields[index].write(Write::Set);
        self.fields[index].is_own = true;
        self.stamp(base, index);
        true
    }

    pub(super) fn has_pushed(&self, index: usize) -> bool {
        self.flashes.get(&index).is_some_and(|flash| flash.pushed.is_some())
    }

    /// The index of the field of this name, if items were pushed to it.
    pub(super) fn pushed_field(&self, name: &str) -> Option<usize> {
        let is_named = |index: &usize| T::FIELDS[*index].names().any(|own| own == name);
        self.flashes.keys().copied().find(|index| is_named(index) && self.has_pushed(*index))
    }

    /// Reloads the field at `index`, which another request changed meanwhile. Pushed items that were saved are in it, or
    /// were taken.
    pub(super) fn rejoin_flash(&mut self, base: &mut Base, index: usize, record: &Record) {
        let field = &T::FIELDS[index];
        let present = field.names().fold(Patch::new(), |patch, name| match record.get(name) {
            Some(value) => patch.set(name, value),
            None => patch.remove(name),
        });
        base.record =
            base.record.as_ref().map(|record| record.apply(&present).unwrap_or_else(|_| record.clone()));
        let flash = self.flash(base, index);
        flash.forget_saved();
        (flash.loaded, flash.taken) = (stored(record, field).map(<[u8]>::to_vec), false);
        self.join_pushed(base, index);
    }

    /// Keeps only values that this request set or pushed, since the principal changes.
    pub(super) fn leave_flash(&mut self, base: &mut Base, index: usize) {
        if let Some(flash) = self.flashes.get_mut(&index) {
            (flash.loaded, flash.taken) = (None, true);
            flash.forget_saved();
            self.join_pushed(base, index);
        }
    }
}

/// A bag with this value in the flash field at `index`, unless it has expired or cannot be read.
pub(super) fn shown<T: Databag>(base: &mut Base, index: usize, loaded: &[u8]) -> Option<WipeOnDrop<T>> {
    if header::deadline(loaded).is_some_and(|deadline| deadline <= base.clock.now()) {
        return None;
    }
    let mut bag = WipeOnDrop::<T>::default();
    match bag.decode(index, loaded) {
        Ok(()) => Some(bag),
        Err(error) => {
            base.unreadable.push(unreadable::<T>(index, error));
            None
        }
    }
}
