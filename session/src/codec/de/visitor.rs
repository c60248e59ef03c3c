//! Visitors under limits.

use std::fmt;

use serde::de::{Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::elements::{Elements, Storage};
use super::limits::Limits;
use crate::codec::format::Codec;

/// A visitor, and the kind of value that its type requested from the format.
pub(super) struct LimitedVisitor<'a, V> {
    pub(super) visitor: V,
    pub(super) expected: Expected,
    pub(super) limits: Limits<'a>,
}

/// The kind of value that a type requests from the format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Anything that the visitor accepts, with any number of elements.
    Any,
    /// Bytes.
    Bytes,
    /// A number of elements that the type fixes.
    Tuple,
    /// Fields by name, where the format has names.
    Struct,
}

impl<V> LimitedVisitor<'_, V> {
    fn storage(&self) -> Storage {
        match self.expected {
            Expected::Any | Expected::Bytes => Storage::EmptyCollection,
            Expected::Tuple | Expected::Struct => Storage::Inline,
        }
    }

    /// Counts the elements that the input claims, unless the type fixes their number.
    fn claim<E: Error>(&self, length: Option<usize>) -> Result<(), E> {
        match self.storage() {
            Storage::Inline => Ok(()),
            Storage::EmptyCollection | Storage::Collection => self.limits.budget.claim(length),
        }
    }

    /// Rejects a string where bytes are expected.
    fn check_str<'de, E: Error>(&self) -> Result<(), E>
    where
        V: Visitor<'de>,
    {
        if self.expected == Expected::Bytes && self.limits.codec.is_self_describing() {
            return Err(E::invalid_type(Unexpected::Other("text"), &self.visitor));
        }
        Ok(())
    }

    /// Rejects a string where bytes are expected: JSON passes strings as bytes when asked for bytes.
    fn check_bytes<'de, E: Error>(&self) -> Result<(), E>
    where
        V: Visitor<'de>,
    {
        if self.limits.codec == Codec::Json { self.check_str() } else { Ok(()) }
    }
}

macro_rules! visit {
    ($($method:ident($($value:ident: $type:ty)?))*) => { $(
        #[inline]
        fn $method<E: Error>(self, $($value: $type)?) -> Result<V::Value, E> {
            self.visitor.$method($($value)?)
        }
    )* };
}

macro_rules! visit_checked {
    ($($check:ident: $method:ident($type:ty))*) => { $(
        #[inline]
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.$check()?;
            self.visitor.$method(value)
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for LimitedVisitor<'_, V> {
    type Value = V::Value;

    visit! {
        visit_bool(v: bool) visit_char(v: char) visit_f32(v: f32) visit_f64(v: f64)
        visit_i8(v: i8) visit_i16(v: i16) visit_i32(v: i32) visit_i64(v: i64) visit_i128(v: i128)
        visit_u8(v: u8) visit_u16(v: u16) visit_u32(v: u32) visit_u64(v: u64) visit_u128(v: u128)
        visit_none() visit_unit()
    }

    visit_checked! {
        check_str: visit_str(&str) check_str: visit_borrowed_str(&'de str) check_str: visit_string(String)
        check_bytes: visit_bytes(&[u8]) check_bytes: visit_borrowed_bytes(&'de [u8]) check_bytes: visit_byte_buf(Vec<u8>)
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(self.limits.enter::<V::Value, D::Error>()?.apply_to(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let limits = self.limits.enter::<V::Value, D::Error>()?;
        self.visitor.visit_newtype_struct(limits.apply_to(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        if self.expected == Expected::Struct && self.limits.codec.is_self_describing() {
            return Err(Error::invalid_type(Unexpected::Seq, &self.visitor));
        }
        self.claim::<A::Error>(seq.size_hint())?;
        let (limits, storage) = (self.limits.enter::<V::Value, A::Error>()?, self.storage());
        self.visitor.visit_seq(Elements { inner: seq, limits, storage })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.claim::<A::Error>(map.size_hint())?;
        let (limits, storage) = (self.limits.enter::<V::Value, A::Error>()?, self.storage());
        self.visitor.visit_map(Elements { inner: map, limits, storage })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(self.limits.enter::<V::Value, A::Error>()?.apply_to(data))
    }
}
