//! What a type hears from its format.

use std::fmt;

use serde::de::{Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::Bounded;
use super::access::{Kind, Parts};
use crate::codec::format::Format;

/// A visitor, and what it expects.
pub(super) struct Guest<V> {
    pub(super) visitor: V,
    pub(super) expected: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// What the visitor takes; of elements as many as the input has.
    Any,
    /// Bytes.
    Bytes,
    /// As many elements as the type has members.
    Tuple,
    /// Members by name, where the format has names.
    Struct,
}

impl<V> Bounded<'_, Guest<V>> {
    fn kind(&self) -> Kind {
        match self.inner.expected {
            Expected::Any | Expected::Bytes => Kind::First,
            Expected::Tuple | Expected::Struct => Kind::Members,
        }
    }

    /// Takes the elements that the input claims, where their number is not the type's.
    fn claim<E: Error>(&self, length: Option<usize>) -> Result<(), E> {
        match self.kind() {
            Kind::Members => Ok(()),
            Kind::First | Kind::Further => self.limits.budget.claim(length),
        }
    }

    /// Refuses text where bytes are expected.
    fn text<'de, E: Error>(&self) -> Result<(), E>
    where
        V: Visitor<'de>,
    {
        if self.inner.expected == Expected::Bytes && self.limits.format.is_self_describing() {
            return Err(E::invalid_type(Unexpected::Other("text"), &self.inner.visitor));
        }
        Ok(())
    }

    /// Refuses text where bytes are expected: in JSON that is how text comes.
    fn bytes<'de, E: Error>(&self) -> Result<(), E>
    where
        V: Visitor<'de>,
    {
        if self.limits.format == Format::Json { self.text() } else { Ok(()) }
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

macro_rules! visit_checked {
    ($($check:ident: $method:ident($type:ty))*) => { $(
        #[inline]
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.$check()?;
            self.inner.visitor.$method(value)
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, Guest<V>> {
    type Value = V::Value;

    visit! {
        visit_bool(v: bool) visit_char(v: char) visit_f32(v: f32) visit_f64(v: f64)
        visit_i8(v: i8) visit_i16(v: i16) visit_i32(v: i32) visit_i64(v: i64) visit_i128(v: i128)
        visit_u8(v: u8) visit_u16(v: u16) visit_u32(v: u32) visit_u64(v: u64) visit_u128(v: u128)
        visit_none() visit_unit()
    }

    visit_checked! {
        text: visit_str(&str) text: visit_borrowed_str(&'de str) text: visit_string(String)
        bytes: visit_bytes(&[u8]) bytes: visit_borrowed_bytes(&'de [u8]) bytes: visit_byte_buf(Vec<u8>)
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.visitor.expecting(f)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visitor.visit_some(self.limits.inside::<V::Value, D::Error>()?.on(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let limits = self.limits.inside::<V::Value, D::Error>()?;
        self.inner.visitor.visit_newtype_struct(limits.on(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        if self.inner.expected == Expected::Struct && self.limits.format.is_self_describing() {
            return Err(Error::invalid_type(Unexpected::Seq, &self.inner.visitor));
        }
        self.claim::<A::Error>(seq.size_hint())?;
        let (limits, kind) = (self.limits.inside::<V::Value, A::Error>()?, self.kind());
        self.inner.visitor.visit_seq(Parts { inner: seq, limits, kind })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.claim::<A::Error>(map.size_hint())?;
        let (limits, kind) = (self.limits.inside::<V::Value, A::Error>()?, self.kind());
        self.inner.visitor.visit_map(Parts { inner: map, limits, kind })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visitor.visit_enum(self.limits.inside::<V::Value, A::Error>()?.on(data))
    }
}
