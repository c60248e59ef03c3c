//! Creation of the patch from the differences between a databag and the record.

use session_core::value::read_counter;
use session_core::{Change, Kind, Patch, Record};

use super::any_view::Unwritable;
use super::base::{Base, stored};
use super::counter_ops::CounterOp;
use super::encode_field::{Defaults, FieldChange, encode, marks};
use super::view::View;
use crate::codec::header;
use crate::databag::Databag;

/// Initial capacity for an encoded field, enough for most.
const INITIAL_CAPACITY: usize = 512;

impl<T: Databag> View<T> {
    /// Adds the change of one field, if its value differs from the record's.
    pub(super) fn change(
        &self,
        base: &Base,
        index: usize,
        creating: bool,
        defaults: &mut Defaults<T>,
        patch: &mut Patch,
    ) -> Result<FieldChange, Unwritable> {
        let field = &T::FIELDS[index];
        let Some(bag) = self.bag.as_deref() else { return Ok(FieldChange::None) };
        let dropped = base.cleared().includes(field);
        let record = base.record.as_ref().filter(|_| !dropped);
        // A patch of unknown outcome may have changed the field in the store, so the record's value may be outdated.
        let in_doubt = self.fields[index].is_in_doubt() && !dropped;
        if let Kind::Counter { min, max } = field.kind
            && !creating
            && let Some(by) = self.addition(index, record)
        {
            if by != 0 {
                patch.insert(field.name, Change::Add { by, min, max, keep: field.keep });
            }
            return Ok(FieldChange::sent_if(by != 0));
        }
        let old = record.and_then(|record| stored(record, field));
        let cleared = self.fields[index].is_cleared();
        let mut value =
            Vec::with_capacity(old.map_or(INITIAL_CAPACITY, |old| old.len().max(INITIAL_CAPACITY)));
        if cleared || !encode(bag, index, &mut value)? {
            return Ok(FieldChange::sent_if(self.remove(base, index, record, in_doubt, patch)));
        }
        // A value set for the next principal is indexed also where it is the default.
        let news = in_doubt || creating && field.readonly || base.departed && field.is_indexed();
        let is_default = !news && old.is_none() && defaults.is(index, &value)?;
        // A default that means "anonymous" must not become a user's id in the next version.
        if is_default && (!self.fields[index].is_own || field.is_principal()) {
            return Ok(FieldChange::None);
        }
        let deadline = field.ttl.map(|ttl| match self.deadlines.get(&index) {
            Some(deadline) => *deadline,
            None => base.clock.now().after(ttl),
        });
        let marks = marks(field, &value);
        header::mark(&mut value, marks, deadline).map_err(|error| (field.name, error))?;
        if is_default {
            return Ok(FieldChange::SetDefault(value));
        }
        let differs = in_doubt || old != Some(&value);
        if differs {
            let change = match field.kind {
                // Values from before the change of the principal are not compared.
                Kind::Cas if !(creating || dropped && base.departed) => {
                    compare_and_set(base, field.name, Some(value))
                }
                Kind::Flash if self.has_pushed(index) && !(creating || dropped) => {
                    for alias in field.aliases {
                        if record.and_then(|record| record.get(alias)).is_some() {
                            patch.insert(*alias, compare_and_set(base, alias, None));
                        }
                    }
                    compare_and_set(base, field.name, Some(value))
                }
                _ => Change::Set(value),
            };
            patch.insert(field.name, change);
        }
        Ok(FieldChange::sent_if(differs))
    }

    /// Returns the sum of additions to a counter that the store can add to; `None` for a number that must be set.
    fn addition(&self, index: usize, record: Option<&Record>) -> Option<i64> {
        let field = &T::FIELDS[index];
        let CounterOp::Add(by) = self.counters.get(&index).copied().unwrap_or_default().total() else {
            return None;
        };
        let Kind::Counter { min, max } = field.kind else { return None };
        let own = record.and_then(|record| record.get(field.name)).and_then(read_counter);
        // A number out of the range of the type is not read, so nothing is added to it.
        let own = own.filter(|number| (min..=max).contains(number));
        let absent = || record.and_then(|record| stored(record, field)).is_none();
        (by == 0 || own.is_some() || absent()).then_some(by)
    }

    /// Adds the removal of a field, under each of its names. Returns whether the record has it.
    fn remove(
        &self,
        base: &Base,
        index: usize,
        record: Option<&Record>,
        in_doubt: bool,
        patch: &mut Patch,
    ) -> bool {
        let field = &T::FIELDS[index];
        let mut removed = false;
        for name in field.names() {
            let held = record.and_then(|record| record.get(name));
            let change = match field.kind {
                Kind::Flash if self.fields[index].is_taken() => {
                    held.map(|held| Change::RemoveIf { expected: held.to_vec() })
                }
                _ if held.is_none() && (!in_doubt || name != field.name) => None,
                Kind::Cas => Some(compare_and_set(base, name, None)),
                _ => Some(Change::Remove),
            };
            if let Some(change) = change {
                patch.insert(name, change);
                removed = true;
            }
        }
        removed
    }
}

fn compare_and_set(base: &Base, name: &str, value: Option<Vec<u8>>) -> Change {
    let expected = base.record.as_ref().and_then(|record| record.get(name)).map(<[u8]>::to_vec);
    Change::CompareAndSet { expected, value }
}
