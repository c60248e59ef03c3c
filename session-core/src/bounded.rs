//! Decoding under limits that no format keeps for us: how deep values nest, and how many elements they claim.
//!
//! [`Bounded`] stands between a type and its format and is every part of that conversation: wherever one of the
//! two meets the other, the limits are handed on. Scalars, strings and bytes pass by it.

mod access;
mod visitor;

use std::cell::Cell;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, Visitor};

use self::visitor::{Guest, Length};

/// How deep values nest: every sequence, map, struct, enum, variant's content, newtype and `Some` is one level.
const MAX_DEPTH: usize = 128;
/// The size from which a value counts as two levels, then three, up to eight: large ones take more of the stack.
const LEVEL_SIZE: usize = 256;
/// How many elements may be claimed beyond one for each byte: those that take none.
const FREE_ELEMENTS: usize = 1024;

/// Reads a `T` from a deserializer over `bytes` bytes of input.
pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
    bytes: usize,
) -> Result<T, D::Error> {
    let elements = Cell::new(bytes.saturating_add(FREE_ELEMENTS));
    T::deserialize(Limits { depth: MAX_DEPTH, bytes, elements: &elements }.on(deserializer))
}

/// What the limits leave at one place of the input.
#[derive(Clone, Copy)]
struct Limits<'a> {
    depth: usize,
    bytes: usize,
    /// Shared by all places: an element is claimed once, wherever it is.
    elements: &'a Cell<usize>,
}

impl<'a> Limits<'a> {
    fn on<T>(self, inner: T) -> Bounded<'a, T> {
        Bounded { inner, limits: self }
    }

    /// The limits inside a `T`.
    fn inside<T, E: Error>(self) -> Result<Self, E> {
        let levels = 1 + (size_of::<T>() / LEVEL_SIZE).min(7);
        match self.depth.checked_sub(levels) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom("the value nests too deep")),
        }
    }

    /// A format that tells no length spends at least a byte on each element, and needs no counting.
    fn claim<E: Error>(self, length: Option<usize>) -> Result<(), E> {
        match self.elements.get().checked_sub(length.unwrap_or(0)) {
            Some(left) => {
                self.elements.set(left);
                Ok(())
            }
            None => Err(E::custom("the value claims more elements than its bytes can hold")),
        }
    }
}

/// A part of a conversation between a type and a format, and the limits it is held to.
struct Bounded<'a, T> {
    inner: T,
    limits: Limits<'a>,
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.inner.deserialize(self.limits.on(deserializer))
    }
}

macro_rules! deserialize {
    ($($method:ident)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        }
    )* };
}

macro_rules! deserialize_nested {
    ($($method:ident($($argument:ident: $type:ty),*), $length:ident;)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* self.limits.on(Guest { visitor, length: Length::$length }))
        }
    )* };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    deserialize! {
        deserialize_bool deserialize_char deserialize_f32 deserialize_f64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_str deserialize_bytes deserialize_unit deserialize_identifier
    }

    deserialize_nested! {
        deserialize_any(), Claimed;
        deserialize_ignored_any(), Claimed;
        deserialize_option(), Claimed;
        deserialize_seq(), Claimed;
        deserialize_map(), Claimed;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]), Claimed;
        deserialize_unit_struct(name: &'static str), Claimed;
        deserialize_newtype_struct(name: &'static str), Claimed;
        deserialize_tuple(len: usize), Declared;
        deserialize_tuple_struct(name: &'static str, len: usize), Declared;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]), Declared;
    }

    // For an owned string a format may make room before it looks whether the bytes are there; a borrowed one it
    // must have.
    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_bytes(visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
