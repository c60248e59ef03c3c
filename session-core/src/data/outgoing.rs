//! The patch that brings the store to what the databag holds.

use super::drops::Scope;
use super::held::Held;
use super::moves::Move;
use super::tracked::{CHANGED, CLEARED, SENT, TAKEN, Tracked, stored};
use crate::databag::Kind;
use crate::patch::{Change, Patch};
use crate::{CodecError, Databag, Field, Record, value};

/// The field that could not be encoded, and why.
pub(super) type Unwritable = (&'static str, CodecError);

impl<T: Databag> Tracked<T> {
    pub(super) fn patch(&mut self, creating: bool) -> Result<Patch, Unwritable> {
        self.in_flight = true;
        if creating {
            self.start();
        } else if !self.is_written() {
            return Ok(Patch::new());
        }
        self.settle();
        let mut patch = self.drop_fields();
        patch.reserve(self.flags.iter().filter(|flags| **flags & (CHANGED | SENT) != 0).count());
        let mut scratch = Scratch::default();
        let mut sent = self.flags.clone();
        for (index, flags) in sent.iter_mut().enumerate() {
            let constructed = creating && T::FIELDS[index].readonly;
            if *flags & (CHANGED | SENT) == 0 && !constructed {
                continue;
            }
            let changes = patch.changes().count();
            self.change(index, creating, &mut scratch, &mut patch)?;
            *flags &= !(CHANGED | SENT);
            if patch.changes().count() > changes {
                *flags |= SENT;
            }
        }
        self.drop_expired(&mut patch);
        self.flags = sent;
        self.drops.send(patch.kept().is_some());
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
        let expiring: Vec<_> = self.deadlines.keys().copied().collect();
        for index in expiring {
            self.expire(index);
        }
        let counting: Vec<_> = self.moves.keys().copied().collect();
        for index in counting {
            self.count(index);
        }
    }

    /// A patch that drops what was dropped, if the store may hold any of it.
    fn drop_fields(&self) -> Patch {
        let scope = self.drops.scope();
        if scope == Scope::Nothing {
            return Patch::new();
        }
        let kept: Vec<_> =
            T::FIELDS.iter().filter(|field| !scope.includes(field)).flat_map(Field::names).collect();
        let stored = || {
            let mut fields = self.record.iter().flat_map(Record::fields);
            let sent = |(index, flags): (usize, &u8)| flags & SENT != 0 && scope.includes(&T::FIELDS[index]);
            self.drops.is_under_way()
                || fields.any(|(name, _)| !kept.contains(&name))
                || self.flags.iter().enumerate().any(sent)
        };
        if stored() { Patch::new().keep_only(kept) } else { Patch::new() }
    }

    /// Adds what became of one field, if its value differs from the record's.
    fn change(
        &self,
        index: usize,
        creating: bool,
        scratch: &mut Scratch<T>,
        patch: &mut Patch,
    ) -> Result<(), Unwritable> {
        let field = &T::FIELDS[index];
        let Some(bag) = self.bag.as_deref() else { return Ok(()) };
        let dropped = self.drops.scope().includes(field);
        let record = self.record.as_ref().filter(|_| !dropped);
        // A patch of unknown fate may have changed the field in the store: what the record says is no news then.
        let unsure = self.flags[index] & SENT != 0 && !dropped;
        if let (Kind::Counter { min, max }, Some(by)) = (field.kind, self.addition(index, record))
            && !creating
        {
            if by != 0 {
                patch.push(field.name.into(), Change::Add { by, min, max });
            }
            return Ok(());
        }
        let old = record.and_then(|record| stored(record, field));
        let cleared = self.flags[index] & CLEARED != 0;
        if cleared || !encode(bag, index, &mut scratch.value)? {
            self.remove(index, record, unsure, patch);
            return Ok(());
        }
        let news = unsure || creating && field.readonly;
        if !news && old.is_none() && scratch.is_default(index)? {
            return Ok(());
        }
        let mut value = scratch.value.clone();
        let deadline = field.ttl.map(|ttl| match self.deadlines.get(&index) {
            Some(deadline) => *deadline,
            None => self.clock.now().after(ttl),
        });
        let indexed = field.indexes(&value);
        value::mark(&mut value, indexed, deadline).map_err(|error| (field.name, error))?;
        if unsure || old != Some(&value) {
            let change = match field.kind {
                Kind::Cas if !creating => self.swap(field.name, Some(value)),
                _ => Change::Set(value),
            };
            patch.push(field.name.into(), change);
        }
        Ok(())
    }

    /// What was added to a counter that the store can add to; `None` for what must be set.
    fn addition(&self, index: usize, record: Option<&Record>) -> Option<i64> {
        let field = &T::FIELDS[index];
        let Move::Add(by) = self.moves.get(&index).copied().unwrap_or_default().total() else { return None };
        let own = record.and_then(|record| record.get(field.name)).and_then(value::read_counter);
        let absent = || record.and_then(|record| stored(record, field)).is_none();
        (by == 0 || own.is_some() || absent()).then_some(by)
    }

    /// Adds that a field leaves the record, under each of its names.
    fn remove(&self, index: usize, record: Option<&Record>, unsure: bool, patch: &mut Patch) {
        let field = &T::FIELDS[index];
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
                patch.push(name.into(), change);
            }
        }
    }

    fn swap(&self, name: &str, value: Option<Vec<u8>>) -> Change {
        let expected = self.record.as_ref().and_then(|record| record.get(name)).map(<[u8]>::to_vec);
        Change::Swap { expected, value }
    }

    /// Adds to a patch that changes something that what has expired leaves the record, and nothing set since.
    fn drop_expired(&self, patch: &mut Patch) {
        if !patch.changes_fields() {
            return;
        }
        for (held, value, deadline) in self.record.iter().flat_map(Record::expiring) {
            let name = T::FIELDS.iter().flat_map(Field::names).find(|name| name.as_bytes() == held);
            if let Some(name) = name
                && patch.keeps(name)
                && patch.change(name).is_none()
                && deadline <= self.clock.now()
            {
                patch.push(name.into(), Change::RemoveIf { expected: value.to_vec() });
            }
        }
    }
}

/// Where fields are encoded to be looked at, one after the other.
struct Scratch<T> {
    value: Vec<u8>,
    default: Vec<u8>,
    bag: Option<Held<T>>,
}

impl<T: Databag> Scratch<T> {
    /// Whether what was encoded is what the field at `index` holds before anybody sets it.
    fn is_default(&mut self, index: usize) -> Result<bool, Unwritable> {
        let bag: &T = self.bag.get_or_insert_default();
        Ok(encode(bag, index, &mut self.default)? && self.default == self.value)
    }
}

impl<T> Default for Scratch<T> {
    fn default() -> Self {
        Self { value: Vec::with_capacity(256), default: Vec::new(), bag: None }
    }
}

/// Encodes one field in place of what `out` holds; `false` when there is nothing to store.
fn encode<T: Databag>(bag: &T, index: usize, out: &mut Vec<u8>) -> Result<bool, Unwritable> {
    out.clear();
    bag.encode(index, out).map_err(|error| (T::FIELDS[index].name, error))
}
