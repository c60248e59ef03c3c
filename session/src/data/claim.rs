//! Claims: exactly one of several concurrent requests takes a value.

use session_core::{Change, Patch, entry};

use super::base::Base;
use super::encode_field::unreadable;
use super::entry_state::EntryKey;
use super::field_state::FieldState;
use super::flash::shown;
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::databag::Databag;

/// A flash value of an earlier request, or an entry, while it is unknown which request gets it.
pub(crate) struct Claim<T: Databag> {
    index: usize,
    /// Of the entry; `None` for a flash value.
    key: Option<String>,
    bag: WipeOnDrop<T>,
    /// Takes the value out of the store. The request whose patch is applied gets the value.
    pub(crate) patch: Patch,
}

impl<T: Databag> Claim<T> {
    pub(crate) fn take<R>(&mut self, taker: impl FnOnce(&mut T) -> R) -> R {
        taker(&mut self.bag)
    }
}

impl<T: Databag> View<T> {
    /// Claims the flash value of an earlier request in the field at `index`, unless this one has taken or dropped
    /// it.
    pub(super) fn claim(&mut self, base: &mut Base, index: usize) -> Option<Claim<T>> {
        self.bag(base);
        let flash = self.flash(base, index);
        let loaded = flash.loaded.clone().filter(|_| !flash.taken)?;
        // A value that this request saved in its place is for a later one.
        let held = |name: &&str| base.record.as_ref().is_some_and(|record| record.get(name) == Some(&loaded));
        let name = T::FIELDS[index].names().find(held)?;
        let bag = shown(base, index, &loaded)?;
        let change = Change::CompareAndSet { expected: Some(loaded), value: None };
        Some(Claim { index, key: None, bag, patch: Patch::new().with(name, change) })
    }

    /// Claims the stored value of a key in the field at `index`, unless this request has changed it.
    pub(super) fn claim_entry(&mut self, base: &mut Base, index: usize, key: &EntryKey) -> Option<Claim<T>> {
        let key = key.as_ref().ok()?;
        self.bag(base);
        // Entries of a map that was stored as one value are treated as written.
        let whole = self.load_whole(base, index);
        base.unreadable.extend(whole.err());
        if self.entry(index, key).state.is_written() {
            return None;
        }
        let field = &T::FIELDS[index];
        let loaded = base.live_entry(field, key)?.to_vec();
        let mut bag = WipeOnDrop::<T>::default();
        if let Err(error) = bag.entries(index).decode(key, &loaded) {
            base.unreadable.push(unreadable::<T>(index, error));
            return None;
        }
        let record = base.record.as_ref()?;
        let mut names =
            field.names().map(|map| entry::name(map, key)).filter(|name| record.get(name).is_some());
        let change = Change::CompareAndSet { expected: Some(loaded), value: None };
        let patch = Patch::new().with(names.next()?, change);
        // Under another name of the field it would come back.
        let patch = names.fold(patch, |patch, name| patch.with(name, Change::Remove));
        Some(Claim { index, key: Some(key.clone()), bag, patch })
    }

    /// Hides a claimed value from this request, whichever request got it; a value that this request set stays.
    pub(super) fn end_claim(&mut self, base: &mut Base, claim: &Claim<T>) {
        let index = claim.index;
        if let Some(key) = &claim.key {
            if !self.entry(index, key).state.is_written() {
                self.forget_entry(index, key);
            }
            return;
        }
        let flash = self.flash(base, index);
        flash.taken = true;
        flash.loaded = None;
        let own = flash.own;
        if !self.join_pushed(base, index) && !own {
            self.reset_field(index);
            self.fields[index] = FieldState::LOADED;
        }
    }
}
