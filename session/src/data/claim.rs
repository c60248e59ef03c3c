//! Values that exactly one of several requests may have.

use std::any::Any;
use std::sync::{Arc, Weak};

use super::Data;
use super::held::Held;
use super::ignored::Ignored;
use super::tracked::{DECODED, Tracked};
use crate::codec::header;
use crate::databag::Databag;
use session_core::{Change, Patch, Record};

/// What data is the data of, without keeping it.
pub(super) type Owner = Weak<dyn Any + Send + Sync>;

/// What an earlier request left in a flash field, before it is known who has it.
pub struct Claim<T> {
    index: usize,
    bag: Held<T>,
    patch: Patch,
}

impl<T> Claim<T> {
    /// What takes the value out of the store. Whoever's patch is applied has the value.
    pub fn patch(&self) -> &Patch {
        &self.patch
    }
}

impl<T: Databag> Data<T> {
    /// Says what this is the data of, for accessors that need more of it.
    pub fn set_owner(&self, owner: Owner) {
        self.0.lock().owner = Some(owner);
    }

    /// What this is the data of, if that was said and is still there.
    pub fn owner(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.lock().owner.as_ref()?.upgrade()
    }

    /// What an earlier request left in the flash field at `index`, if this one has not shown or dropped it.
    pub fn claim(&self, index: usize) -> Option<Claim<T>> {
        self.tracked().claim(index)
    }

    /// The claim's patch made this of the record: the value is the caller's, and this request shows it no more.
    pub fn won<R>(&self, mut claim: Claim<T>, record: Record, taker: impl FnOnce(&mut T) -> R) -> R {
        let tracked = &mut *self.tracked();
        tracked.record = Some(record);
        tracked.forget_flash(claim.index);
        taker(&mut claim.bag)
    }

    /// Somebody else has the value, and this request shows it no more.
    pub fn lost(&self, claim: &Claim<T>) {
        self.tracked().forget_flash(claim.index);
    }
}

impl<T: Databag> Tracked<T> {
    fn claim(&mut self, index: usize) -> Option<Claim<T>> {
        self.bag();
        let flash = self.flash(index);
        let loaded = flash.loaded.clone().filter(|_| !flash.taken)?;
        // What this request saved in its place is for a later one.
        let held = |name: &&str| self.record.as_ref().is_some_and(|record| record.get(name) == Some(&loaded));
        let name = T::FIELDS[index].names().find(held)?;
        if header::deadline(&loaded).is_some_and(|deadline| deadline <= self.clock.now()) {
            return None;
        }
        let mut bag = Held::<T>::default();
        if let Err(error) = bag.decode(index, &loaded) {
            self.ignored.push(Ignored::of::<T>(index, error));
            return None;
        }
        let swap = Change::CompareAndSet { expected: Some(loaded), value: None };
        Some(Claim { index, bag, patch: Patch::new().with(name, swap) })
    }

    /// Shows nothing any more of what an earlier request left; what this one set stays.
    fn forget_flash(&mut self, index: usize) {
        let flash = self.flash(index);
        flash.taken = true;
        flash.loaded = None;
        if !flash.own {
            self.reset(index);
            self.flags[index] = DECODED;
        }
    }
}
