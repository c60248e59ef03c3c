//! Deserializers and seeds under limits.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Visitor};

use super::budget::Budget;
use super::limits::{Limited, Limits};
use super::scalars::{Float, Integer, Text};
use super::visitor::{Expected, LimitedVisitor};
use crate::codec::format::Codec;

/// Deserializes a `T` from a deserializer over `bytes` bytes of input.
pub(in crate::codec) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
    bytes: usize,
    codec: Codec,
) -> Result<T, D::Error> {
    let budget = Budget::new(bytes);
    T::deserialize(Limits::new::<T>(codec, &budget).apply_to(deserializer))
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Limited<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.inner.deserialize(self.limits.apply_to(deserializer))
    }
}

macro_rules! scalars {
    ($($method:ident)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.limits.allocate::<V::Value, D::Error>()?;
            self.inner.$method(visitor)
        }
    )* };
}

macro_rules! wide_integers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.limits.allocate::<V::Value, D::Error>()?;
            if self.limits.codec.marks_wide_integers(self.limits.position) {
                self.inner.deserialize_any(Integer(visitor))
            } else {
                self.inner.$method(visitor)
            }
        }
    )* };
}

macro_rules! nested {
    ($($method:ident($($argument:ident: $type:ty),*), $expected:ident;)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let limits = self.limits.allocate::<V::Value, D::Error>()?;
            self.inner.$method($($argument,)* LimitedVisitor { visitor, expected: Expected::$expected, limits })
        }
    )* };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Limited<'_, D> {
    type Error = D::Error;

    scalars! {
        deserialize_bool deserialize_char deserialize_unit
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    wide_integers! { deserialize_i128 deserialize_u128 }

    #[inline]
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.limits.allocate::<V::Value, D::Error>()?;
        if self.limits.codec.is_self_describing() {
            // JSON would round to an `f32`.
            self.inner.deserialize_f64(Float::single(visitor))
        } else {
            self.inner.deserialize_f32(visitor)
        }
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.limits.allocate::<V::Value, D::Error>()?;
        self.inner.deserialize_f64(Float::double(visitor))
    }

    nested! {
        deserialize_any(), Any;
        deserialize_ignored_any(), Any;
        deserialize_option(), Any;
        deserialize_seq(), Any;
        deserialize_map(), Any;
        deserialize_unit_struct(name: &'static str), Any;
        deserialize_newtype_struct(name: &'static str), Any;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]), Any;
        deserialize_bytes(), Bytes;
        deserialize_tuple(len: usize), Tuple;
        deserialize_tuple_struct(name: &'static str, len: usize), Tuple;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]), Struct;
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.limits.allocate::<V::Value, D::Error>()?;
        self.inner.deserialize_str(Text(visitor))
    }

    // A format may allocate an owned string before it checks that the bytes are there; a borrowed one is a slice of them.
    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        if self.limits.is_written_identifier() {
            self.inner.deserialize_identifier(Text(visitor))
        } else {
            self.inner.deserialize_identifier(visitor)
        }
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
