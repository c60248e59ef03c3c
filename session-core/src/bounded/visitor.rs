//! What a type hears from its format.

use std::fmt;

use serde::de::{Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use super::Bounded;

/// A visitor, and who says how many elements it will meet.
pub(super) struct Guest<V> {
    pub(super) visitor: V,
    pub(super) length: Length,
}

pub(super) enum Length {
    /// The input.
    Claimed,
    /// The type, whose elements are no more than it has members.
    Declared,
}

impl<V> Bounded<'_, Guest<V>> {
    fn claim<E: Error>(&self, length: Option<usize>) -> Result<(), E> {
        match self.inner.length {
            Length::Claimed => self.limits.claim(length),
            Length::Declared => Ok(()),
        }
    }
}

macro_rules! visit {
    ($($method:ident($($value:ident: $type:ty)?))*) => { $(
        #[inline]
        fn $method<E: Error>(self, $($value: $type)?) -> Result<V::Value, E> {
            self.inner.visitor.$method($($value)?)
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, Guest<V>> {
    type Value = V::Value;

    visit! {
        visit_bool(v: bool) visit_char(v: char) visit_f32(v: f32) visit_f64(v: f64)
        visit_i8(v: i8) visit_i16(v: i16) visit_i32(v: i32) visit_i64(v: i64) visit_i128(v: i128)
        visit_u8(v: u8) visit_u16(v: u16) visit_u32(v: u32) visit_u64(v: u64) visit_u128(v: u128)
        visit_str(v: &str) visit_borrowed_str(v: &'de str) visit_string(v: String)
        visit_bytes(v: &[u8]) visit_borrowed_bytes(v: &'de [u8]) visit_byte_buf(v: Vec<u8>)
        visit_none() visit_unit()
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.visitor.expecting(f)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visitor.visit_some(self.limits.inside::<V::Value, _>()?.on(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visitor.visit_newtype_struct(self.limits.inside::<V::Value, _>()?.on(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.claim(seq.size_hint())?;
        self.inner.visitor.visit_seq(self.limits.inside::<V::Value, _>()?.on(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.claim(map.size_hint())?;
        self.inner.visitor.visit_map(self.limits.inside::<V::Value, _>()?.on(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visitor.visit_enum(self.limits.inside::<V::Value, _>()?.on(data))
    }
}
