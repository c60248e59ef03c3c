//! Maps whose entries are loaded and written separately.

use std::collections::BTreeMap;

use session_core::Kind;
use session_core::value::{counter, read_counter};

use super::base::Base;
use super::counter_ops::CounterOp;
use super::encode_field::unreadable;
use super::entry_state::{EntryKey, EntryState, EntryStates};
use super::field_state::{FieldState, Write};
use super::unreadable::UnreadableField;
use super::view::View;
use super::wipe_on_drop::WipeOnDrop;
use crate::codec::header;
use crate::databag::Databag;

impl<T: Databag> View<T> {
    /// The limits of the counters among the entries of the field at `index`.
    fn counter_limits(index: usize) -> Option<(i64, i64)> {
        match T::FIELDS[index].kind {
            Kind::Entries { counter } => counter,
            _ => None,
        }
    }

    pub(super) fn entry(&mut self, index: usize, key: &str) -> &mut EntryState {
        let states = &mut self.entries.entry(index).or_default().states;
        if !states.contains_key(key) {
            states.insert(key.to_owned(), EntryState::default());
        }
        states.get_mut(key).expect("it was inserted if it was missing")
    }

    /// The bag, with one entry decoded.
    pub(super) fn decoded_entry(&mut self, base: &mut Base, index: usize, key: &str) -> &mut T {
        base.accessed = true;
        self.started();
        let error = self.load_whole(base, index).and_then(|()| self.load_entry(base, index, key));
        base.unreadable.extend(error.err());
        self.started()
    }

    /// Decodes all entries.
    pub(super) fn decode_entries(&mut self, base: &mut Base, index: usize) {
        self.started();
        let field = &T::FIELDS[index];
        let mut first_error = self.load_whole(base, index).err();
        for (name, key, value) in base.live_entries(field) {
            if self.entry(index, key).state.is_loaded {
                self.expire_entry(base, index, key);
                continue;
            }
            // The current name of the field takes precedence over aliases.
            let value = if name == field.name { Some(value) } else { base.live_entry(field, key) };
            let loaded = self.load_value(index, key, value);
            first_error = first_error.or(loaded.err());
        }
        base.unreadable.extend(first_error);
    }

    /// Drops the decoded entries that have expired since.
    pub(super) fn expire_entries(&mut self, base: &Base, index: usize) {
        let Some(entries) = self.entries.get(&index).filter(|_| T::FIELDS[index].ttl.is_some()) else {
            return;
        };
        let keys: Vec<_> = entries.states.keys().cloned().collect();
        for key in keys {
            self.expire_entry(base, index, &key);
        }
    }

    fn load_entry(&mut self, base: &Base, index: usize, key: &str) -> Result<(), UnreadableField> {
        if self.entry(index, key).state.is_loaded {
            self.expire_entry(base, index, key);
            return Ok(());
        }
        self.load_value(index, key, base.live_entry(&T::FIELDS[index], key))
    }

    /// Decodes an entry whose value in the record is `stored`.
    fn load_value(&mut self, index: usize, key: &str, stored: Option<&[u8]>) -> Result<(), UnreadableField> {
        let entry = self.entry(index, key);
        entry.state.is_loaded = true;
        entry.deadline = stored.and_then(header::deadline);
        if Self::counter_limits(index).is_some() {
            return self.count_entry(index, key, stored);
        }
        let Some(stored) = stored else { return Ok(()) };
        let decoded = self.started().entries(index).decode(key, stored);
        decoded.map_err(|error| unreadable::<T>(index, error))
    }

    fn expire_entry(&mut self, base: &Base, index: usize, key: &str) {
        if self.entry(index, key).deadline.is_some_and(|deadline| deadline <= base.clock.now()) {
            self.forget_entry(index, key);
        }
    }

    /// Removes an entry from the bag, without a change to write.
    pub(super) fn forget_entry(&mut self, index: usize, key: &str) {
        self.started().entries(index).remove(key);
        *self.entry(index, key) = EntryState { state: FieldState::LOADED, ..EntryState::default() };
    }

    /// Loads a map that was stored as one value, before its entries were stored separately. They are treated as written
    /// once another entry is.
    pub(super) fn load_whole(&mut self, base: &Base, index: usize) -> Result<(), UnreadableField> {
        let entries = self.entries.entry(index).or_default();
        if std::mem::replace(&mut entries.is_whole_loaded, true) {
            return Ok(());
        }
        let Some(stored) = base.live(&T::FIELDS[index]) else { return Ok(()) };
        let mut whole = WipeOnDrop::<T>::default();
        let read = |error| unreadable::<T>(index, error);
        whole.decode(index, stored).map_err(read)?;
        let keys = whole.entries(index).keys().map_err(|error| read(error.into()))?;
        for key in keys {
            let mut value = Vec::new();
            if base.live_entry(&T::FIELDS[index], &key).is_none()
                && whole.entries(index).encode(&key, &mut value).map_err(read)?
            {
                self.started().entries(index).decode(&key, &value).map_err(read)?;
                let entry = self.entry(index, &key);
                entry.state.write(Write::Set);
                entry.deadline = header::deadline(stored);
                if let Some(number) = read_counter(&value) {
                    entry.ops.push(CounterOp::Set(number));
                }
            }
        }
        Ok(())
    }

    /// Writes to one entry. An entry that is set regardless of the record's is owned by the request.
    pub(super) fn write_entry<R>(
        &mut self,
        base: &mut Base,
        index: usize,
        key: &str,
        write: Write,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        base.accessed = true;
        self.started();
        let whole = self.load_whole(base, index);
        base.unreadable.extend(whole.err());
        self.fields[index].change();
        let returned = writer(self.started());
        let ttl = T::FIELDS[index].ttl.filter(|_| write == Write::Set);
        let entry = self.entry(index, key);
        entry.state.write(write);
        entry.state.is_own = true;
        entry.deadline = ttl.map(|ttl| base.clock.now().after(ttl));
        if Self::counter_limits(index).is_some() {
            let number = if write == Write::Set { self.entry_number(index, key) } else { 0 };
            self.entry(index, key).ops.push(CounterOp::Set(number));
        }
        returned
    }

    /// The key, if it can name an entry. Otherwise the next patch fails.
    pub(super) fn check_key<'k>(&mut self, index: usize, key: &'k EntryKey) -> Option<&'k str> {
        match key {
            Ok(key) => Some(key),
            Err(error) => {
                self.started();
                self.fields[index].change();
                self.entries.entry(index).or_default().bad_key = Some(*error);
                None
            }
        }
    }

    /// Removes all entries.
    pub(super) fn clear_entries<R>(
        &mut self,
        base: &mut Base,
        index: usize,
        writer: impl FnOnce(&mut T) -> R,
    ) -> R {
        self.decoded(base, index);
        self.entries.entry(index).or_default().bad_key = None;
        let keys: Vec<_> = self.entries[&index].states.keys().cloned().collect();
        let returned = writer(self.started());
        for key in keys {
            self.write_entry(base, index, &key, Write::Clear, |_| ());
        }
        self.fields[index].change();
        returned
    }

    /// Adds to a counter.
    pub(super) fn add_to_entry(&mut self, base: &mut Base, index: usize, key: &str, by: i64) {
        let Some((min, max)) = Self::counter_limits(index) else { return };
        self.decoded_entry(base, index, key);
        let is_own = self.entry(index, key).state.is_own || base.live_entry(&T::FIELDS[index], key).is_none();
        let before = self.entry_number(index, key);
        let by = before.saturating_add(by).clamp(min, max).saturating_sub(before);
        if by == 0 {
            return;
        }
        self.fields[index].change();
        let entry = self.entry(index, key);
        entry.state.write(Write::Set);
        entry.state.is_own |= is_own;
        entry.ops.push(CounterOp::Add(by));
        // An entry that cannot be read was reported when it was loaded.
        let _ = self.count_entry(index, key, base.live_entry(&T::FIELDS[index], key));
    }

    /// Sets a counter to the number in the record and the operations since.
    fn count_entry(&mut self, index: usize, key: &str, stored: Option<&[u8]>) -> Result<(), UnreadableField> {
        let Some((min, max)) = Self::counter_limits(index) else { return Ok(()) };
        let EntryState { ops, state, .. } = *self.entry(index, key);
        let stored = stored.filter(|_| matches!(ops.total(), CounterOp::Add(_)));
        let mut entries = self.started().entries(index);
        entries.remove(key);
        let read = stored.map_or(Ok(()), |stored| entries.decode(key, stored));
        drop(entries);
        let number = ops.total().on(self.entry_number(index, key)).clamp(min, max);
        let is_there = stored.is_some() && read.is_ok() || ops.total() != CounterOp::NONE;
        let mut entries = self.started().entries(index);
        if is_there && !state.is_cleared() {
            let put = entries.decode(key, &counter(number));
            debug_assert!(put.is_ok(), "a counter takes any number");
        } else {
            entries.remove(key);
        }
        read.map_err(|error| unreadable::<T>(index, error))
    }

    /// The current number of a counter.
    fn entry_number(&mut self, index: usize, key: &str) -> i64 {
        let mut value = Vec::new();
        let encoded = self.started().entries(index).encode(key, &mut value);
        encoded.ok().and_then(|_| read_counter(&value)).unwrap_or(0)
    }

    /// Resets the entries for a new principal: only those that the request itself set remain.
    pub(super) fn hand_over_entries(&mut self, index: usize) {
        let EntryStates { states, bad_key, .. } = self.entries.remove(index).unwrap_or_default();
        let (own, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            states.into_iter().partition(|(_, entry)| entry.state.is_own);
        for key in others.keys() {
            self.started().entries(index).remove(key);
        }
        if own.is_empty() && bad_key.is_none() {
            self.fields[index] = FieldState::default();
        } else {
            self.fields[index].is_loaded = false;
            self.entries.insert(index, EntryStates { states: own, bad_key, ..EntryStates::default() });
        }
    }
}
