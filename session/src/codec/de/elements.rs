//! Sequences and maps under limits.

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess};

use super::budget::cap_hint;
use super::limits::Limits;
use crate::codec::position::Position;

/// The elements of a sequence or a map.
pub(super) struct Elements<'a, A> {
    pub(super) inner: A,
    pub(super) limits: Limits<'a>,
    pub(super) storage: Storage,
}

/// Where decoded elements are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// In the value itself: the fields of a struct or a tuple.
    Inline,
    /// In a collection's allocation, which the first element begins.
    EmptyCollection,
    /// In a collection's allocation.
    Collection,
}

impl<A> Elements<'_, A> {
    /// Charges for a decoded element.
    #[inline]
    fn charge<T, E: Error>(&self) -> Result<(), E> {
        match self.storage {
            Storage::Inline => Ok(()),
            storage => self.limits.budget.charge_element::<T, E>(storage == Storage::EmptyCollection),
        }
    }

    #[inline]
    fn advance(&mut self) {
        if self.storage == Storage::EmptyCollection {
            self.storage = Storage::Collection;
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let limits = self.limits.at::<T::Value>(Position::Value);
        let element = self.inner.next_element_seed(limits.apply_to(seed))?;
        if element.is_some() {
            self.charge::<T::Value, A::Error>()?;
            self.advance();
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        cap_hint(self.inner.size_hint())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let position = if self.storage == Storage::Inline { Position::Identifier } else { Position::Key };
        let key = self.inner.next_key_seed(self.limits.at::<K::Value>(position).apply_to(seed))?;
        if key.is_some() {
            self.charge::<K::Value, A::Error>()?;
        }
        Ok(key)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let value = self.inner.next_value_seed(self.limits.at::<T::Value>(Position::Value).apply_to(seed))?;
        self.charge::<T::Value, A::Error>()?;
        self.advance();
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        cap_hint(self.inner.size_hint())
    }
}
