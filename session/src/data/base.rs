//! The part of a session's data that is independent of databags.

use session_core::value::{is_kept, is_principal};
use session_core::{Change, Field, Kind, Meta, Patch, Record, entry};

use super::cleared::{Cleared, Clearings};
use super::unreadable::{OnUnreadable, UnreadableField};
use crate::clock::Clock;
use crate::codec::header;

/// The record of a session, and changes that affect all of its fields.
pub(super) struct Base {
    pub(super) record: Option<Record>,
    /// A patch that the store applied and that is not in `record` yet.
    pub(super) applied: Option<Patch>,
    pub(super) clock: Clock,
    pub(super) cleared: Clearings,
    /// Whether the principal of the record changes or is removed, so that of the record only the kept fields remain
    /// visible.
    pub(super) departed: bool,
    /// Whether a patch is of unknown outcome.
    pub(super) in_flight: bool,
    pub(super) accessed: bool,
    /// The fields that could not be read, until the hook is called.
    pub(super) unreadable: Vec<UnreadableField>,
    pub(super) on_unreadable: Option<OnUnreadable>,
}

impl Base {
    pub(super) fn new(record: Option<Record>, clock: Clock, on_unreadable: Option<OnUnreadable>) -> Self {
        Self {
            record,
            applied: None,
            clock,
            cleared: Clearings::default(),
            departed: false,
            in_flight: false,
            accessed: false,
            unreadable: Vec::new(),
            on_unreadable,
        }
    }

    /// Applies the patch that the store applied.
    pub(super) fn catch_up(&mut self) {
        if let (Some(patch), Some(record)) = (&self.applied, &self.record) {
            // The store accepted the patch, so there is no conflict.
            self.record = record.apply(patch).ok().or_else(|| self.record.take());
            self.applied = None;
        }
    }

    /// The current meta of the store, without applying the patch.
    pub(super) fn meta(&self) -> Option<Meta> {
        let meta = self.record.as_ref()?.meta();
        Some(self.applied.as_ref().map_or(meta, |patch| patch.meta(meta)))
    }

    /// The fields for which the record is no longer used.
    #[inline]
    pub(super) fn cleared(&self) -> Cleared {
        self.cleared.total().max(if self.departed { Cleared::Unkept } else { Cleared::Nothing })
    }

    /// Whether the stored session starts over as that of another principal.
    pub(super) fn starts_over(&self) -> bool {
        self.record.is_some() && self.cleared() == Cleared::Unkept
    }

    /// Whether clearing drops the record's principal.
    pub(super) fn clears_principal(&self) -> bool {
        let is_dropped = |value: &[u8]| match self.cleared.total() {
            Cleared::Nothing => false,
            Cleared::Unkept => !is_kept(value),
            Cleared::All => true,
        };
        let mut values = self.record.iter().flat_map(|record| record.fields().values());
        values.any(|value| is_principal(value) && is_dropped(value))
    }

    /// The record's value of a field, unless that was cleared or has expired.
    pub(super) fn live(&self, field: &Field) -> Option<&[u8]> {
        let record = self.record.as_ref().filter(|_| !self.cleared().includes(field))?;
        stored(record, field).filter(|value| self.is_live(value))
    }

    /// The record's value of an entry, unless that was cleared or has expired.
    pub(super) fn live_entry(&self, field: &Field, key: &str) -> Option<&[u8]> {
        let record = self.record.as_ref().filter(|_| !self.cleared().includes(field))?;
        stored_entry(record, field, key).filter(|value| self.is_live(value))
    }

    /// The entries of a field in the record, unless they were cleared or have expired: the field's name under which each is
    /// stored, its key and its value.
    pub(super) fn live_entries<'a>(
        &'a self,
        field: &'a Field,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a [u8])> {
        let record = self.record.as_ref().filter(|_| !self.cleared().includes(field));
        let fields = record.into_iter().flat_map(Record::fields);
        fields.filter_map(|(name, value)| {
            let (map, key) = entry::split(name)?;
            (field.names().any(|name| name == map) && self.is_live(value)).then_some((map, key, value))
        })
    }

    #[inline]
    fn is_live(&self, value: &[u8]) -> bool {
        header::deadline(value).is_none_or(|deadline| self.clock.now() < deadline)
    }

    /// Adds the removal of expired values to a patch with other changes, unless they were set since.
    pub(super) fn drop_expired<'a>(
        &self,
        fields: &(impl Iterator<Item = &'a Field> + Clone),
        patch: &mut Patch,
    ) {
        let Some(record) = self.record.as_ref().filter(|_| patch.changes_fields()) else { return };
        if record.fields().values().all(|value| header::deadline(value).is_none()) {
            return;
        }
        for (held, value) in record.fields() {
            let Some(deadline) = header::deadline(value) else { continue };
            if fields.clone().any(|field| holds(field, held))
                && patch.keeps(held, value)
                && patch.change(held).is_none()
                && deadline <= self.clock.now()
            {
                patch.insert(held.to_owned(), Change::RemoveIf { expected: value.to_vec() });
            }
        }
    }
}

/// The record's value of a field, under whichever of its names.
pub(super) fn stored<'a>(record: &'a Record, field: &Field) -> Option<&'a [u8]> {
    field.names().find_map(|name| record.get(name))
}

/// The record's value of an entry, under whichever of its field's names.
pub(super) fn stored_entry<'a>(record: &'a Record, field: &Field, key: &str) -> Option<&'a [u8]> {
    field.names().find_map(|name| record.get(&entry::name(name, key)))
}

/// Whether a name in a record is one of a field's, or of one of its entries.
pub(super) fn holds(field: &Field, name: &str) -> bool {
    let is_entry = || matches!(field.kind, Kind::Entries { .. });
    match entry::split(name) {
        Some((map, _)) => is_entry() && field.names().any(|own| own == map),
        None => field.names().any(|own| own == name),
    }
}
