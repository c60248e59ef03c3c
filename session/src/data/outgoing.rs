//! The patch that brings the store to what the databag holds.

use super::drops::Scope;
use super::held::Held;
use super::moves::Move;
use super::tracked::{CHANGED, CLEARED, Flags, OWN, SENT, TAKEN, Tracked, stored};
use crate::codec::CodecError;
use crate::codec::{self, header};
use crate::databag::Databag;
use session_core::Kind;
use session_core::value::read_counter;
use session_core::{Change, Patch};
use session_core::{Field, Record, is_kept};

/// Bytes that most fields take less than.
const ROOM: usize = 256;

/// The field that could not be encoded, and why.
pub(super) type Unwritable = (&'static str, CodecError);

impl<T: Databag> Tracked<T> {
    pub(super) fn patch(&mut self, creating: bool) -> Result<Patch, Unwritable> {
        self.in_flight = true;
        if creating || self.starts_over() {
            self.start();
        } else if !self.is_written() {
            return Ok(Patch::new());
        }
        self.settle();
        let mut patch = self.drop_fields();
        patch.reserve(self.flags.iter().filter(|flags| **flags & (CHANGED | SENT) != 0).count());
        let mut defaults = Defaults::default();
        let mut sent = Flags::new();
        for (index, &flags) in self.flags.iter().enumerate() {
            let constructed = creating && T::FIELDS[index].readonly || self.constructs(index);
            let is_own = self.departed && flags & OWN != 0;
            let is_sent = (flags & (CHANGED | SENT) != 0 || constructed || is_own)
                && self.change(index, creating || constructed, &mut defaults, &mut patch)?;
            sent.push(flags & !(CHANGED | SENT) | if is_sent { SENT } else { 0 });
        }
        self.flags = sent;
        self.drop_expired(&mut patch);
        self.drops.send(patch.drops_fields());
        for moves in self.moves.values_mut() {
            moves.send();
        }
        // Where nothing was sent, the record says it all.
        self.moves.retain(|index, _| self.flags[*index] & SENT != 0);
        Ok(patch)
    }

    /// Whether something was written that no patch has carried to the store yet.
    pub(super) fn is_written(&self) -> bool {
        self.drops.scope() != Scope::Nothing || self.flags.iter().any(|flags| flags & (CHANGED | SENT) != 0)
    }

    /// Brings the bag up to date with the clock and the record.
    fn settle(&mut self) {
        for index in 0..self.flags.len() {
            self.expire(index);
            if self.moves.contains_key(&index) {
                self.count(index);
            }
        }
    }

    /// A patch that drops what was dropped, if the store may hold any of it.
    pub(super) fn drop_fields(&self) -> Patch {
        let stored = || {
            self.drops.is_under_way()
                || self.record.iter().any(|record| !record.fields().is_empty())
                || self.flags.iter().any(|flags| flags & SENT != 0)
        };
        match self.scope() {
            // Others may have written meanwhile, so it drops also where the record has nothing to be dropped.
            Scope::Unkept if self.record.is_some() => {
                let (kept, unkept): (Vec<_>, Vec<_>) = T::FIELDS.iter().partition(|field| field.keep);
                let mut patch = Patch::new().keep_only(kept.into_iter().flat_map(Field::names));
                for name in unkept.into_iter().flat_map(Field::names) {
                    // It was declared to be kept when it was written.
                    if self.record.as_ref().and_then(|record| record.get(name)).is_some_and(is_kept) {
                        patch.insert(name, Change::Remove);
                    }
                }
                patch
            }
            Scope::All if stored() => Patch::new().drop_all(),
            Scope::Nothing | Scope::Unkept | Scope::All => Patch::new(),
        }
    }

    /// Whether the stored session starts over as that of another person.
    fn starts_over(&self) -> bool {
        self.record.is_some() && self.scope() == Scope::Unkept
    }

    /// Whether the field is stored as when a session is created, since the session starts over.
    pub(super) fn constructs(&self, index: usize) -> bool {
        let field = &T::FIELDS[index];
        field.readonly && !field.keep && self.starts_over()
    }

    /// Adds what became of one field, if its value differs from the record's: whether it does.
    pub(super) fn change(
        &self,
        index: usize,
        creating: bool,
        defaults: &mut Defaults<T>,
        patch: &mut Patch,
    ) -> Result<bool, Unwritable> {
        let field = &T::FIELDS[index];
        let Some(bag) = self.bag.as_deref() else { return Ok(false) };
        let dropped = self.scope().includes(field);
        let record = self.record.as_ref().filter(|_| !dropped);
        // A patch of unknown fate may have changed the field in the store: what the record says is no news then.
        let unsure = self.flags[index] & SENT != 0 && !dropped;
        if let Kind::Counter { min, max } = field.kind
            && !creating
            && let Some(by) = self.addition(index, record)
        {
            if by != 0 {
                patch.insert(field.name, Change::Add { by, min, max, keep: field.keep });
            }
            return Ok(by != 0);
        }
        let old = record.and_then(|record| stored(record, field));
        let cleared = self.flags[index] & CLEARED != 0;
        let mut value = Vec::with_capacity(old.map_or(ROOM, |old| old.len().max(ROOM)));
        if cleared || !encode(bag, index, &mut value)? {
            return Ok(self.remove(index, record, unsure, patch));
        }
        // Sessions are found by what was set for the next person, also where that is what the field begins with.
        let news = unsure || creating && field.readonly || self.departed && field.is_indexed();
        if !news && old.is_none() && defaults.is(index, &value)? {
            return Ok(false);
        }
        let deadline = field.ttl.map(|ttl| match self.deadlines.get(&index) {
            Some(deadline) => *deadline,
            None => self.clock.now().after(ttl),
        });
        let indexed = indexes(field, &value);
        header::mark(&mut value, indexed, field.keep, deadline).map_err(|error| (field.name, error))?;
        let differs = unsure || old != Some(&value);
        if differs {
            let change = match field.kind {
                // What the session held before it changed hands is not compared.
                Kind::Cas if !(creating || dropped && self.departed) => self.swap(field.name, Some(value)),
                _ => Change::Set(value),
            };
            patch.insert(field.name, change);
        }
        Ok(differs)
    }

    /// What was added to a counter that the store can add to; `None` for what must be set.
    fn addition(&self, index: usize, record: Option<&Record>) -> Option<i64> {
        let field = &T::FIELDS[index];
        let Move::Add(by) = self.moves.get(&index).copied().unwrap_or_default().total() else { return None };
        let own = record.and_then(|record| record.get(field.name)).and_then(read_counter);
        let absent = || record.and_then(|record| stored(record, field)).is_none();
        (by == 0 || own.is_some() || absent()).then_some(by)
    }

    /// Adds that a field leaves the record, under each of its names: whether there is any.
    fn remove(&self, index: usize, record: Option<&Record>, unsure: bool, patch: &mut Patch) -> bool {
        let field = &T::FIELDS[index];
        let mut removed = false;
        for name in field.names() {
            let held = record.and_then(|record| record.get(name));
            let change = match field.kind {
                Kind::Flash if self.flags[index] & TAKEN != 0 => {
                    held.map(|held| Change::RemoveIf { expected: held.to_vec() })
                }
                _ if held.is_none() && (!unsure || name != field.name) => None,
                Kind::Cas => Some(self.swap(name, None)),
                _ => Some(Change::Remove),
            };
            if let Some(change) = change {
                patch.insert(name, change);
                removed = true;
            }
        }
        removed
    }

    fn swap(&self, name: &str, value: Option<Vec<u8>>) -> Change {
        let expected = self.record.as_ref().and_then(|record| record.get(name)).map(<[u8]>::to_vec);
        Change::CompareAndSet { expected, value }
    }

    /// Adds to a patch that changes something that what has expired leaves the record, and nothing set since.
    fn drop_expired(&self, patch: &mut Patch) {
        let Some(record) = self.record.as_ref().filter(|_| patch.changes_fields()) else { return };
        for (held, value) in record.fields() {
            let Some(deadline) = header::deadline(value) else { continue };
            let name = T::FIELDS.iter().flat_map(Field::names).find(|name| *name == held);
            if let Some(name) = name
                && patch.keeps(name, value)
                && patch.change(name).is_none()
                && deadline <= self.clock.now()
            {
                patch.insert(name, Change::RemoveIf { expected: value.to_vec() });
            }
        }
    }
}

/// What fields hold before anybody sets them, encoded one after the other.
pub(super) struct Defaults<T> {
    bag: Option<Held<T>>,
    value: Vec<u8>,
}

impl<T: Databag> Defaults<T> {
    /// Whether this is what the field at `index` holds.
    fn is(&mut self, index: usize, value: &[u8]) -> Result<bool, Unwritable> {
        let bag: &T = self.bag.get_or_insert_default();
        self.value.clear();
        Ok(encode(bag, index, &mut self.value)? && self.value == value)
    }
}

impl<T> Default for Defaults<T> {
    fn default() -> Self {
        Self { bag: None, value: Vec::new() }
    }
}

/// Appends one field; `false` when there is nothing to store.
pub(super) fn encode<T: Databag>(bag: &T, index: usize, out: &mut Vec<u8>) -> Result<bool, Unwritable> {
    bag.encode(index, out).map_err(|error| (T::FIELDS[index].name, error))
}

/// Whether sessions are found by this value of a field, as it was encoded.
pub(super) fn indexes(field: &Field, value: &[u8]) -> bool {
    field.is_indexed() && !(field.optional && codec::is_none(value))
}
