//! Values that are shown once.

use std::mem;

use super::base::Base;
use super::encode_field::unreadable;
use super::field_state::Write;
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::codec::header;
use crate::databag::Databag;

impl<T: Databag> View<T> {
    /// Returns a bag with the value that an earlier request left in the field at `index`, once.
    pub(super) fn take_flash(&mut self, base: &mut Base, index: usize) -> Option<WipeOnDrop<T>> {
        self.bag(base);
        let flash = self.flash(base, index);
        if mem::replace(&mut flash.taken, true) {
            return None;
        }
        let own = flash.own;
        let loaded = flash.loaded.clone()?;
        let bag = shown(base, index, &loaded)?;
        if !own {
            self.fields[index].write(Write::Take);
            self.reset_field(index);
        }
        Some(bag)
    }

    /// Puts back the value that an earlier request left, unless this one set another.
    pub(super) fn keep_flash(&mut self, base: &mut Base, index: usize) {
        self.bag(base);
        let flash = self.flash(base, index);
        if flash.own || !mem::replace(&mut flash.taken, false) {
            return;
        }
        let Some(loaded) = flash.loaded.clone() else { return };
        if self.started().decode(index, &loaded).is_ok() {
            self.fields[index].write(Write::Set);
            match header::deadline(&loaded) {
                Some(deadline) => self.deadlines.insert(index, deadline),
                None => self.deadlines.remove(&index),
            };
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
