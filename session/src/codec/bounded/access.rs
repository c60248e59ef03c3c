//! How a type asks for the parts of a value.

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::budget::hint;
use super::visitor::{Expected, Guest};
use super::{Bounded, Limits};
use crate::codec::format::Place;

/// The parts of a sequence or a map.
pub(super) struct Parts<'a, A> {
    pub(super) inner: A,
    pub(super) limits: Limits<'a>,
    pub(super) kind: Kind,
}

/// Where the parts go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To memory of a collection's own, which begins with the first part.
    First,
    /// To memory of a collection's own.
    Further,
    /// Into the value itself.
    Members,
}

impl<A> Parts<'_, A> {
    /// Charges for a part that came.
    #[inline]
    fn pay<T, E: Error>(&self) -> Result<(), E> {
        match self.kind {
            Kind::Members => Ok(()),
            kind => self.limits.budget.element::<T, E>(kind == Kind::First),
        }
    }

    /// Further parts come to where there is room.
    #[inline]
    fn go_on(&mut self) {
        if self.kind == Kind::First {
            self.kind = Kind::Further;
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Parts<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let limits = self.limits.at::<T::Value>(Place::Value);
        let element = self.inner.next_element_seed(limits.on(seed))?;
        if element.is_some() {
            self.pay::<T::Value, A::Error>()?;
            self.go_on();
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        hint(self.inner.size_hint())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Parts<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let place = if self.kind == Kind::Members { Place::Name } else { Place::Key };
        let key = self.inner.next_key_seed(self.limits.at::<K::Value>(place).on(seed))?;
        if key.is_some() {
            self.pay::<K::Value, A::Error>()?;
        }
        Ok(key)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let value = self.inner.next_value_seed(self.limits.at::<T::Value>(Place::Value).on(seed))?;
        self.pay::<T::Value, A::Error>()?;
        self.go_on();
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        hint(self.inner.size_hint())
    }
}

impl<'de, 'a, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'a, A> {
    type Error = A::Error;
    type Variant = Bounded<'a, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let limits = self.limits.at::<T::Value>(Place::Name);
        let (name, variant) = self.inner.variant_seed(limits.on(seed))?;
        Ok((name, self.limits.on(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.newtype_variant_seed(self.limits.at::<T::Value>(Place::Value).on(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, self.limits.on(Guest { visitor, expected: Expected::Tuple }))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, self.limits.on(Guest { visitor, expected: Expected::Struct }))
    }
}
