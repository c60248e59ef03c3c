//! Enums and their variants under limits.

use serde::de::{DeserializeSeed, EnumAccess, VariantAccess, Visitor};

use super::limits::Limited;
use super::visitor::{Expected, LimitedVisitor};
use crate::codec::position::Position;

impl<'de, 'a, A: EnumAccess<'de>> EnumAccess<'de> for Limited<'a, A> {
    type Error = A::Error;
    type Variant = Limited<'a, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let limits = self.limits.at::<T::Value>(Position::Identifier);
        let (name, variant) = self.inner.variant_seed(limits.apply_to(seed))?;
        Ok((name, self.limits.apply_to(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Limited<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.newtype_variant_seed(self.limits.at::<T::Value>(Position::Value).apply_to(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner
            .tuple_variant(len, LimitedVisitor { visitor, expected: Expected::Tuple, limits: self.limits })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(
            fields,
            LimitedVisitor { visitor, expected: Expected::Struct, limits: self.limits },
        )
    }
}
