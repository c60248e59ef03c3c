//! Visitors of strings, floats and integers that reject lossy conversions.

use std::fmt;

use serde::de::{Error, MapAccess, Unexpected, Visitor};

use crate::codec::format::WIDE_INTEGER;

/// Accepts strings, and no bytes that happen to be UTF-8.
pub(super) struct Text<V>(pub(super) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Text<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_str(text)
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.0.visit_borrowed_str(text)
    }

    #[inline]
    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        self.0.visit_string(text)
    }
}

/// Accepts numbers that a float type represents exactly.
pub(super) struct Float<V> {
    visitor: V,
    /// The bits of the type's significand.
    precision: u32,
}

impl<V> Float<V> {
    pub(super) fn single(visitor: V) -> Self {
        Self { visitor, precision: f32::MANTISSA_DIGITS }
    }

    pub(super) fn double(visitor: V) -> Self {
        Self { visitor, precision: f64::MANTISSA_DIGITS }
    }

    fn is_exact(&self, integer: u64) -> bool {
        integer == 0 || u64::BITS - integer.leading_zeros() - integer.trailing_zeros() <= self.precision
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Float<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    #[inline]
    fn visit_f32<E: Error>(self, float: f32) -> Result<V::Value, E> {
        self.visitor.visit_f32(float)
    }

    #[inline]
    fn visit_f64<E: Error>(self, float: f64) -> Result<V::Value, E> {
        if self.precision == f64::MANTISSA_DIGITS {
            return self.visitor.visit_f64(float);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a lossy conversion is rejected below")]
        let single = float as f32;
        if float.is_nan() || f64::from(single).to_bits() == float.to_bits() {
            self.visitor.visit_f32(single)
        } else {
            Err(E::invalid_value(Unexpected::Float(float), &self.visitor))
        }
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<V::Value, E> {
        if self.is_exact(integer.unsigned_abs()) {
            self.visitor.visit_i64(integer)
        } else {
            Err(E::invalid_value(Unexpected::Signed(integer), &self.visitor))
        }
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<V::Value, E> {
        if self.is_exact(integer) {
            self.visitor.visit_u64(integer)
        } else {
            Err(E::invalid_value(Unexpected::Unsigned(integer), &self.visitor))
        }
    }
}

/// Accepts integers of up to 128 bits, wider ones than 64 bits as a map with the key [`WIDE_INTEGER`].
pub(super) struct Integer<V>(pub(super) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Integer<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<V::Value, E> {
        self.0.visit_i64(integer)
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<V::Value, E> {
        self.0.visit_u64(integer)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let only = map.next_entry::<String, String>()?.filter(|(name, _)| name == WIDE_INTEGER);
        let is_last = map.next_key::<String>()?.is_none();
        let Some((_, digits)) = only.filter(|_| is_last) else {
            return Err(A::Error::invalid_type(Unexpected::Map, &self.0));
        };
        if let Ok(integer) = digits.parse::<u128>() {
            self.0.visit_u128(integer)
        } else if let Ok(integer) = digits.parse::<i128>() {
            self.0.visit_i128(integer)
        } else {
            Err(A::Error::invalid_type(Unexpected::Map, &self.0))
        }
    }
}
