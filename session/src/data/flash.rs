//! Values that are shown once.

use std::mem;

use super::held::Held;
use super::ignored::Ignored;
use super::tracked::{CHANGED, CLEARED, TAKEN, Tracked, live};
use crate::codec::header;
use crate::databag::Databag;

/// What became of a flash field in this request.
pub(super) struct Flash {
    /// What an earlier request left.
    pub(super) loaded: Option<Vec<u8>>,
    /// Whether that was shown, or dropped unseen.
    pub(super) taken: bool,
    /// Whether this request set a value for a later one.
    pub(super) own: bool,
}

impl Flash {
    pub(super) fn set(&mut self, own: bool) {
        self.own = own;
        self.taken |= !own;
    }
}

impl<T: Databag> Tracked<T> {
    pub(super) fn flash(&mut self, index: usize) -> &mut Flash {
        // What this request sets ends up in the record too, so what was there before is remembered at the first touch.
        let scope = self.scope();
        self.flashes.entry(index).or_insert_with(|| {
            let loaded = live(self.record.as_ref(), &T::FIELDS[index], scope, &self.clock);
            Flash { loaded: loaded.map(<[u8]>::to_vec), taken: false, own: false }
        })
    }

    /// A bag with what an earlier request left in the field at `index`, the first time this is asked.
    pub(super) fn take_flash(&mut self, index: usize) -> Option<Held<T>> {
        self.bag();
        let flash = self.flash(index);
        if mem::replace(&mut flash.taken, true) {
            return None;
        }
        let own = flash.own;
        let loaded = flash.loaded.clone()?;
        if header::deadline(&loaded).is_some_and(|deadline| deadline <= self.clock.now()) {
            return None;
        }
        let mut bag = Held::<T>::default();
        if let Err(error) = bag.decode(index, &loaded) {
            self.ignored.push(Ignored::of::<T>(index, error));
            return None;
        }
        if !own {
            self.mark(index, CHANGED | CLEARED | TAKEN);
            self.reset(index);
        }
        Some(bag)
    }

    /// Puts back what an earlier request left, unless this one set another value.
    pub(super) fn keep_flash(&mut self, index: usize) {
        self.bag();
        let flash = self.flash(index);
        if flash.own || !mem::replace(&mut flash.taken, false) {
            return;
        }
        let Some(loaded) = flash.loaded.clone() else { return };
        if self.start().decode(index, &loaded).is_ok() {
            self.mark(index, CHANGED);
            match header::deadline(&loaded) {
                Some(deadline) => self.deadlines.insert(index, deadline),
                None => self.deadlines.remove(&index),
            };
        }
    }
}
