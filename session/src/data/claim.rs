//! Claims: exactly one of several concurrent requests takes a value.

use session_core::{Change, Patch};

use super::base::Base;
use super::field_state::FieldState;
use super::flash::shown;
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::databag::Databag;

/// The flash value of an earlier request, while it is unknown which request gets it.
pub(crate) struct Claim<T: Databag> {
    index: usize,
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
        Some(Claim { index, bag, patch: Patch::new().with(name, change) })
    }

    /// Hides a claimed value from this request, whichever request got it; a value that this request set stays.
    pub(super) fn end_claim(&mut self, base: &mut Base, claim: &Claim<T>) {
        let index = claim.index;
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
