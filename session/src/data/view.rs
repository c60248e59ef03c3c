//! A typed view of a record.

use session_core::{Kind, Timestamp};
use smallvec::{SmallVec, smallvec};

use super::base::Base;
use super::counter_ops::{CounterOp, CounterOps};
use super::encode_field::unreadable;
use super::entry_state::EntryStates;
use super::field_state::{FieldState, Write};
use super::flash_state::Flash;
use super::lazy_map::LazyMap;
use super::wipe_on_drop::WipeOnDrop;
use crate::codec::header;
use crate::databag::Databag;

/// State of each field, without an allocation for most databags.
pub(super) type FieldStates = SmallVec<[FieldState; 16]>;

/// The databag `T` on a record: each field is decoded on first use, and encoded only if it was written.
pub(super) struct View<T: Databag> {
    pub(super) bag: Option<WipeOnDrop<T>>,
    /// One for each of `T::FIELDS`; empty before the first access.
    pub(super) fields: FieldStates,
    /// The states after the patch in progress.
    pub(super) next: FieldStates,
    /// Defaults that were set where nothing is stored: written along with other changes, and no reason for a patch.
    pub(super) set_defaults: Vec<(usize, Vec<u8>)>,
    /// Deadlines of the values in the bag that expire.
    pub(super) deadlines: LazyMap<Timestamp>,
    pub(super) counters: LazyMap<CounterOps>,
    /// For each map of entries, those that were loaded or written.
    pub(super) entries: LazyMap<EntryStates>,
    pub(super) flashes: LazyMap<Flash<T>>,
}

impl<T: Databag> Default for View<T> {
    fn default() -> Self {
        Self {
            bag: None,
            fields: FieldStates::new(),
            next: FieldStates::new(),
            set_defaults: Vec::new(),
            deadlines: LazyMap::new(),
            counters: LazyMap::new(),
            flashes: LazyMap::new(),
            entries: LazyMap::new(),
        }
    }
}

impl<T: Databag> View<T> {
    /// A bag with every stored field treated as written.
    pub(super) fn from_bag(bag: T, base: &mut Base) -> Self {
        let mut view = Self { bag: Some(bag.into()), ..Self::default() };
        view.started();
        for index in 0..T::FIELDS.len() {
            view.fields[index].write(Write::Set);
            view.note(base, index);
        }
        view
    }

    /// The bag, with the values decoded or written so far.
    pub(super) fn bag(&mut self, base: &mut Base) -> &mut T {
        base.accessed = true;
        self.started()
    }

    pub(super) fn started(&mut self) -> &mut T {
        if self.fields.is_empty() {
            self.fields = smallvec![FieldState::default(); T::FIELDS.len()];
        }
        self.bag.get_or_insert_default()
    }

    /// Writes to the field at `index` of the bag.
    pub(super) fn write<R>(
        &mut self,
        base: &mut Base,
        index: usize,
        write: Write,
        is_own: bool,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        self.started();
        self.fields[index].write(write);
        self.fields[index].is_own |= is_own;
        let returned = writer(self.bag(base));
        self.stamp(base, index);
        self.note(base, index);
        returned
    }

    /// Sets the deadline of a value that was just set.
    pub(super) fn stamp(&mut self, base: &Base, index: usize) {
        match T::FIELDS[index].ttl.filter(|_| !self.fields[index].is_cleared()) {
            Some(ttl) => self.deadlines.insert(index, base.clock.now().after(ttl)),
            None => self.deadlines.remove(index),
        };
    }

    /// Updates the state of a field after a write.
    fn note(&mut self, base: &mut Base, index: usize) {
        let is_cleared = self.fields[index].is_cleared();
        match T::FIELDS[index].kind {
            Kind::Plain | Kind::Cas => {}
            Kind::Counter { .. } => {
                let number = if is_cleared { 0 } else { self.number(index) };
                self.counters.entry(index).or_default().push(CounterOp::Set(number));
                self.count(base, index);
            }
            Kind::Flash => {
                let flash = self.flash(base, index);
                flash.own = !is_cleared;
                flash.taken |= is_cleared;
                flash.pushed = None;
            }
            Kind::Entries { .. } => self.write_each_entry(base, index),
        }
    }

    /// The flash field at `index`. A value that this request sets is stored in the record too, so the earlier value is
    /// copied at the first access.
    pub(super) fn flash(&mut self, base: &Base, index: usize) -> &mut Flash<T> {
        self.flashes.entry(index).or_insert_with(|| {
            let loaded = base.live(&T::FIELDS[index]).map(<[u8]>::to_vec);
            Flash { loaded, taken: false, own: false, pushed: None }
        })
    }

    /// The bag, with the field at `index` decoded.
    pub(super) fn decoded(&mut self, base: &mut Base, index: usize) -> &mut T {
        self.bag(base);
        if self.fields[index].is_loaded {
            if !self.deadlines.is_empty() {
                self.expire(base, index);
            }
            if !self.entries.is_empty() {
                self.expire_entries(base, index);
            }
        } else {
            self.decode(base, index);
            self.fields[index].is_loaded = true;
        }
        self.bag(base)
    }

    fn decode(&mut self, base: &mut Base, index: usize) {
        let field = &T::FIELDS[index];
        match field.kind {
            Kind::Counter { .. } => return self.count(base, index),
            Kind::Entries { .. } => return self.decode_entries(base, index),
            Kind::Plain | Kind::Cas | Kind::Flash => {}
        }
        let bag = self.bag.get_or_insert_default();
        let Some(stored) = base.live(field) else { return };
        match (bag.decode(index, stored), header::deadline(stored)) {
            (Err(error), _) => base.unreadable.push(unreadable::<T>(index, error)),
            (Ok(()), Some(deadline)) => drop(self.deadlines.insert(index, deadline)),
            (Ok(()), None) => {}
        }
    }

    /// Resets an expired value to the default.
    pub(super) fn expire(&mut self, base: &Base, index: usize) {
        if self.deadlines.get(&index).is_some_and(|deadline| *deadline <= base.clock.now()) {
            self.reset_field(index);
            self.fields[index] = FieldState::LOADED;
            if let Some(flash) = self.flashes.get_mut(&index) {
                flash.expired();
            }
        }
    }

    /// Whether no field has state besides its value: most requests use none with such attributes.
    pub(super) fn is_plain(&self) -> bool {
        self.deadlines.is_empty()
            && self.counters.is_empty()
            && self.entries.is_empty()
            && self.flashes.is_empty()
    }

    /// Resets to the default, without a change to write.
    pub(super) fn reset_field(&mut self, index: usize) {
        let mut default = WipeOnDrop::default();
        self.started().swap(&mut default, index);
        self.deadlines.remove(index);
    }

    /// Whether the field's value is independent of the record, also after it is changed in place.
    pub(super) fn is_own(&self, base: &Base, index: usize) -> bool {
        self.fields[index].is_own || base.live(&T::FIELDS[index]).is_none()
    }
}
