//! Whose a session is, values that sessions are found by, and what is shown of those found.

use super::Data;
use super::held::Held;
use super::outgoing::{Unwritable, indexes};
use super::tracked::{CHANGED, SENT, Tracked};
use crate::codec::header;
use crate::databag::Databag;
use session_core::Field;

/// A value of an indexed field as it is stored, and the name that it is stored under.
type Indexed = (&'static str, Vec<u8>);

impl<T: Databag> Data<T> {
    /// What the sessions of this principal hold; `None` when no field says whose session it is.
    ///
    /// # Errors
    ///
    /// The name of the field, and why its value cannot be encoded.
    pub fn held_by(principal: T::Principal) -> Result<Option<Indexed>, Unwritable> {
        let Some(index) = T::FIELDS.iter().position(Field::is_principal) else { return Ok(None) };
        let mut bag = Held::<T>::default();
        bag.set_principal(principal);
        indexed(&bag, index)
    }

    /// Puts the principal back to what the record says, without a change to write: the last patch gave the session to
    /// somebody, and the store refused it.
    pub fn restore_principal(&self) {
        if let Some(index) = T::FIELDS.iter().position(Field::is_principal) {
            self.tracked().restore(index);
        }
    }

    /// The indexed fields that were set, whatever they held before: also to their default.
    ///
    /// # Errors
    ///
    /// The name of a field whose value cannot be encoded, and why.
    pub fn indexed(&self) -> Result<Vec<Indexed>, Unwritable> {
        let tracked = &mut *self.tracked();
        tracked.start();
        let mut set = Vec::new();
        for (index, field) in T::FIELDS.iter().enumerate() {
            if let Some(bag) = &tracked.bag
                && field.is_indexed()
                && tracked.flags[index] & CHANGED != 0
            {
                set.extend(indexed(bag, index)?);
            }
        }
        Ok(set)
    }

    /// The stored names of the fields that [`labels`](Data::labels) reads.
    pub fn listed() -> Vec<&'static str> {
        T::FIELDS.iter().filter(|field| is_listed(field)).flat_map(Field::names).collect()
    }

    /// What a list shows of it.
    pub fn labels(&self) -> T::Labels {
        let tracked = &mut *self.tracked();
        for (index, field) in T::FIELDS.iter().enumerate() {
            if is_listed(field) {
                tracked.decoded(index);
            }
        }
        tracked.bag().labels()
    }
}

impl<T: Databag> Tracked<T> {
    /// Goes back to what the record says, without a change to write.
    fn restore(&mut self, index: usize) {
        self.reset(index);
        self.flags[index] = 0;
        self.judge();
        // What goes along when a session is created is no reason to create one.
        for (flags, field) in self.flags.iter_mut().zip(T::FIELDS) {
            if self.record.is_none() && field.readonly {
                *flags &= !SENT;
            }
        }
    }
}

fn indexed<T: Databag>(bag: &Held<T>, index: usize) -> Result<Option<Indexed>, Unwritable> {
    let field = &T::FIELDS[index];
    let mut value = Vec::new();
    let present = bag.encode(index, &mut value).map_err(|error| (field.name, error))?;
    if !present || !indexes(field, &value) {
        return Ok(None);
    }
    header::mark(&mut value, true, field.keep, None).map_err(|error| (field.name, error))?;
    Ok(Some((field.name, value)))
}

/// Whether lists of sessions show the field.
fn is_listed(field: &Field) -> bool {
    field.label || field.is_indexed()
}
