//! A session that goes from one person to another, or to nobody.

use super::Data;
use super::drops::Scope;
use super::held::Held;
use super::outgoing::{Defaults, Unwritable, encode, indexes};
use super::tracked::{DECODED, OWN, Tracked, stored};
use crate::codec::header;
use crate::databag::Databag;
use session_core::{Change, Field, Patch};

/// Whose session it is after a patch, compared with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// Unchanged: of the same person, or anonymous still.
    None,
    /// The same person's, though the stored principal reads differently.
    Respelt,
    /// From anonymous to a person.
    SignedIn,
    /// To another person, or to anonymous: every field that is not `keep` is dropped, except for what this request set.
    Left,
}

impl<T: Databag> Data<T> {
    /// Whose session it is after this patch, compared with the record.
    pub fn handover(&self, patch: &Patch) -> Handover {
        let Some(index) = principal::<T>() else { return Handover::None };
        let tracked = &mut *self.tracked();
        if tracked.departed {
            return Handover::Left;
        }
        let field = &T::FIELDS[index];
        if !patch.drops_fields() && field.names().all(|name| patch.change(name).is_none()) {
            return Handover::None;
        }
        let Some(before) = &tracked.record else { return Handover::None };
        let Ok(after) = before.apply(patch) else { return Handover::None };
        let remains = stored(&after, field);
        if header::same(stored(before, field), remains) {
            return Handover::None;
        }
        match tracked.stored_person(index) {
            Person::Nobody if tracked.person(index) != Person::Nobody => Handover::SignedIn,
            // Signing in again is not saved where the request failed, and the drop before it is.
            Person::Known(_) | Person::Unknown if remains.is_none() => Handover::Left,
            _ => Handover::Respelt,
        }
    }

    /// What to write although the request failed: that a person leaves and what is dropped then, and whatever else is to be
    /// dropped. Nobody is signed in by it.
    ///
    /// # Errors
    ///
    /// The name of a read-only field whose initial value cannot be encoded, and why.
    pub fn departure(&self) -> Result<Patch, Unwritable> {
        self.tracked().departure()
    }

    /// Whether [`departure`](Data::departure) has something to write.
    pub fn departs(&self) -> bool {
        let tracked = self.0.lock();
        tracked.record.is_some() && tracked.scope() != Scope::Nothing
    }
}

/// Whose session it is.
#[derive(PartialEq, Eq)]
enum Person {
    /// The field holds what it does before it is set, or a `None`.
    Nobody,
    /// The encoded principal.
    Known(Vec<u8>),
    /// The principal cannot be read or written.
    Unknown,
}

impl<T: Databag> Tracked<T> {
    /// [`OWN`] when what the field holds owes nothing to the record, and goes on to do so when it is changed in place.
    pub(super) fn own(&self, index: usize) -> u8 {
        let is_own = self.flags[index] & OWN != 0 || self.live(&T::FIELDS[index]).is_none();
        if is_own { OWN } else { 0 }
    }

    /// Compares the principal with the record's, after either became another.
    pub(super) fn judge(&mut self) {
        let Some(index) = principal::<T>() else { return };
        let before = std::mem::take(&mut self.departed);
        self.departed = match self.stored_person(index) {
            Person::Nobody => false,
            Person::Unknown => true,
            stored @ Person::Known(_) => self.person(index) != stored,
        };
        if self.departed != before {
            self.hand_over(index);
        }
    }

    /// Shows the fields as they are for another person than before.
    fn hand_over(&mut self, principal: usize) {
        let mut defaults = Held::<T>::default();
        self.start();
        for (index, field) in T::FIELDS.iter().enumerate() {
            if index == principal || !Scope::Unkept.includes(field) {
                continue;
            }
            if self.flags[index] & OWN != 0 {
                if let Some(flash) = self.flashes.get_mut(&index) {
                    (flash.loaded, flash.taken) = (None, true);
                }
                continue;
            }
            if self.flags[index] & DECODED != 0 {
                self.start().swap(&mut defaults, index);
            }
            self.flags[index] = 0;
            self.deadlines.remove(&index);
            self.moves.remove(&index);
            self.flashes.remove(&index);
        }
    }

    /// The person that the record names.
    fn stored_person(&self, index: usize) -> Person {
        let Some(stored) = self.record.as_ref().and_then(|record| stored(record, &T::FIELDS[index])) else {
            return Person::Nobody;
        };
        let mut bag = Held::<T>::default();
        match bag.decode(index, stored) {
            Ok(()) => person_in(&*bag, index),
            Err(_) => Person::Unknown,
        }
    }

    /// The person that the bag names.
    fn person(&mut self, index: usize) -> Person {
        let accessed = self.accessed;
        self.decoded(index);
        self.accessed = accessed;
        person_in(self.start(), index)
    }

    fn departure(&mut self) -> Result<Patch, Unwritable> {
        let mut patch = self.drop_fields();
        if !patch.drops_fields() {
            return Ok(patch);
        }
        self.start();
        // Read-only fields have no later chance.
        let mut defaults = Defaults::default();
        for index in (0..T::FIELDS.len()).filter(|index| self.constructs(*index)) {
            self.change(index, true, &mut defaults, &mut patch)?;
        }
        if let (true, Some(index), Some(record)) = (self.departed, principal::<T>(), &self.record) {
            for name in T::FIELDS[index].names() {
                if record.get(name).is_some_and(|value| patch.keeps(name, value)) {
                    patch.insert(name, Change::Remove);
                }
            }
        }
        Ok(patch)
    }
}

fn principal<T: Databag>() -> Option<usize> {
    T::FIELDS.iter().position(Field::is_principal)
}

/// The person that a bag names.
fn person_in<T: Databag>(bag: &T, index: usize) -> Person {
    let (mut value, mut default) = (Vec::new(), Vec::new());
    let Ok(is_present) = encode(bag, index, &mut value) else { return Person::Unknown };
    let is_nobody = !is_present
        || !indexes(&T::FIELDS[index], &value)
        || encode(&*Held::<T>::default(), index, &mut default)
            .is_ok_and(|present| present && default == value);
    if is_nobody { Person::Nobody } else { Person::Known(value) }
}
