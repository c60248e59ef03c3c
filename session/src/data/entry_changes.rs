//! The changes of entries in a patch.

use session_core::value::{KEPT, read_counter};
use session_core::{Change, Field, Kind, Patch, Record, entry};

use super::any_view::Unwritable;
use super::base::{Base, stored, stored_entry};
use super::counter_ops::CounterOp;
use super::encode_field::FieldChange;
use super::entry_state::EntryState;
use super::field_state::Write;
use super::view::View;
use crate::codec::{CodecError, Entries, MAX_ENTRIES, header};
use crate::databag::Databag;

impl<T: Databag> View<T> {
    /// Whether the request itself set an entry.
    pub(super) fn has_own_entries(&self, index: usize) -> bool {
        self.entries
            .get(&index)
            .is_some_and(|entries| entries.states.values().any(|entry| entry.state.is_own))
    }

    /// Marks all entries in the bag as written.
    pub(super) fn write_each_entry(&mut self, base: &mut Base, index: usize) {
        let keys = self.started().entries(index).keys();
        match keys {
            Ok(keys) => {
                for key in keys {
                    self.write_entry(base, index, &key, Write::Set, |_| ());
                }
            }
            Err(error) => self.entries.entry(index).or_default().bad_key = Some(error),
        }
    }

    /// Adds the changes of a field's entries that differ from the record's.
    pub(super) fn entry_changes(
        &mut self,
        base: &Base,
        index: usize,
        patch: &mut Patch,
    ) -> Result<FieldChange, Unwritable> {
        let field = &T::FIELDS[index];
        let Some(entries) = self.entries.get_mut(&index) else { return Ok(FieldChange::None) };
        if let Some(error) = entries.bad_key {
            return Err((field.name, error.into()));
        }
        let bag = self.bag.get_or_insert_default().entries(index);
        let is_dropped = base.cleared().includes(field);
        let record = base.record.as_ref().filter(|_| !is_dropped);
        let (mut sent, mut added, mut removed) = (false, 0, 0);
        for (key, entry) in &mut entries.states {
            let is_written = entry.state.is_written() || base.departed && entry.state.is_own;
            let is_sent = is_written
                && EntryChange { field, key, entry: *entry, record, is_dropped }.add_to(&*bag, patch)?;
            entry.next = entry.state.after_patch(is_sent);
            let is_stored = record.is_some_and(|record| stored_entry(record, field, key).is_some());
            added += usize::from(is_sent && !is_stored && !entry.state.is_cleared());
            removed += usize::from(is_sent && is_stored && entry.state.is_cleared());
            sent |= is_sent;
        }
        if added > 0 && base.live_entries(field).count() + added > MAX_ENTRIES + removed {
            return Err((field.name, CodecError::TooManyEntries));
        }
        if sent {
            // From now on its entries are stored separately.
            for name in field.names().filter(|_| record.and_then(|record| stored(record, field)).is_some()) {
                patch.insert(name, Change::Remove);
            }
        }
        Ok(FieldChange::sent_if(sent))
    }

    /// Marks the patch as made.
    pub(super) fn entries_sent(&mut self) {
        for entry in self.entries.values_mut().flat_map(|entries| entries.states.values_mut()) {
            entry.state = entry.next;
            entry.ops.send();
        }
    }

    /// Marks the patch as applied.
    pub(super) fn entries_applied(&mut self) {
        for (index, entries) in self.entries.iter_mut() {
            for entry in entries.states.values_mut() {
                entry.state.applied();
                if entry.ops.total() != CounterOp::NONE {
                    entry.ops.applied();
                    // Counters start from the number in the new record.
                    entry.state.is_loaded = false;
                    self.fields[*index].is_loaded = false;
                }
            }
        }
    }
}

/// One entry to be compared with the record's.
struct EntryChange<'a> {
    field: &'a Field,
    key: &'a str,
    entry: EntryState,
    /// `None` if nothing is stored, or the stored value is no longer used.
    record: Option<&'a Record>,
    /// Whether the patch drops the stored field.
    is_dropped: bool,
}

impl EntryChange<'_> {
    /// Adds the change to a patch, if there is one.
    fn add_to(&self, bag: &dyn Entries, patch: &mut Patch) -> Result<bool, Unwritable> {
        let Self { field, record, key, entry, .. } = self;
        let in_doubt = entry.state.is_in_doubt() && !self.is_dropped;
        let old = record.and_then(|record| stored_entry(record, field, key));
        if let (Kind::Entries { counter: Some((min, max)) }, CounterOp::Add(by)) =
            (field.kind, entry.ops.total())
        {
            let own = record.and_then(|record| record.get(&entry::name(field.name, key)));
            let number = own.and_then(read_counter).filter(|number| (min..=max).contains(number));
            if by == 0 || old.is_none() || number.is_some() {
                if by != 0 {
                    let name = entry::name(field.name, key);
                    patch.insert(name, Change::Add { by, min, max, keep: field.keep });
                }
                return Ok(by != 0);
            }
        }
        let mut value = Vec::new();
        let failed = |error| (field.name, error);
        if entry.state.is_cleared() || !bag.encode(key, &mut value).map_err(failed)? {
            return Ok(self.remove(in_doubt, patch));
        }
        header::mark(&mut value, if field.keep { KEPT } else { 0 }, entry.deadline).map_err(failed)?;
        let differs = in_doubt || old != Some(&value);
        if differs {
            patch.insert(entry::name(field.name, key), Change::Set(value));
        }
        Ok(differs)
    }

    /// Adds the removal of the entry, under each of its names. Returns whether the record has it.
    fn remove(&self, in_doubt: bool, patch: &mut Patch) -> bool {
        let mut removed = false;
        for map in self.field.names() {
            let name = entry::name(map, self.key);
            let is_held = self.record.is_some_and(|record| record.get(&name).is_some());
            if is_held || in_doubt && map == self.field.name {
                patch.insert(name, Change::Remove);
                removed = true;
            }
        }
        removed
    }
}
