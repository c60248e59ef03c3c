//! Decoding under limits that no format keeps for us: how deep values nest, how many elements they claim, what they take
//! in memory, and that nothing is taken for a value of another kind.
//!
//! [`Bounded`] stands between a type and its format and is every part of that conversation: wherever one of the
//! two meets the other, the limits are handed on.

mod access;
mod budget;
mod scalar;
mod visitor;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, Visitor};

use self::budget::Budget;
use self::scalar::{Float, Integer, Text};
use self::visitor::{Expected, Guest};
use crate::codec::format::{Format, LEVEL_SIZE, MAX_DEPTH, MAX_LEVELS, Place};

/// Reads a `T` from a deserializer over `bytes` bytes of input.
pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
    bytes: usize,
    format: Format,
) -> Result<T, D::Error> {
    let budget = Budget::new(bytes);
    let limits =
        Limits { format, depth: MAX_DEPTH, place: Place::Value, paid: size_of::<T>(), budget: &budget };
    T::deserialize(limits.on(deserializer))
}

/// What the limits leave at one place of the input.
#[derive(Clone, Copy)]
struct Limits<'a> {
    format: Format,
    depth: usize,
    place: Place,
    /// What was charged for the memory that a value here goes to; a larger one has memory of its own.
    paid: usize,
    /// Shared by all places.
    budget: &'a Budget,
}

impl<'a> Limits<'a> {
    fn on<T>(self, inner: T) -> Bounded<'a, T> {
        Bounded { inner, limits: self }
    }

    /// The limits of a `T` at this place.
    fn at<T>(self, place: Place) -> Self {
        Self { place, paid: size_of::<T>(), ..self }
    }

    /// The limits inside a `T`.
    fn inside<T, E: Error>(self) -> Result<Self, E> {
        let levels = 1 + (size_of::<T>() / LEVEL_SIZE).min(MAX_LEVELS - 1);
        match self.depth.checked_sub(levels) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom("the value nests too deep")),
        }
    }

    /// Charges for a `T` that is in memory of its own, such as a `Box`.
    #[inline]
    fn hold<T, E: Error>(self) -> Result<Self, E> {
        if size_of::<T>() <= self.paid {
            return Ok(self);
        }
        self.budget.charge(size_of::<T>())?;
        Ok(Self { paid: size_of::<T>(), ..self })
    }

    /// Whether this is where a name is expected, in a format that writes names.
    fn is_name(self) -> bool {
        self.place == Place::Name && self.format.is_self_describing()
    }

    /// Whether 128-bit integers are written as [`WIDE_INTEGER`](super::format::WIDE_INTEGER) here.
    fn marks_wide(self) -> bool {
        self.format.is_self_describing() && (self.format, self.place) != (Format::Json, Place::Key)
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

macro_rules! scalars {
    ($($method:ident)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.limits.hold::<V::Value, D::Error>()?;
            self.inner.$method(visitor)
        }
    )* };
}

macro_rules! wide_integers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.limits.hold::<V::Value, D::Error>()?;
            if self.limits.marks_wide() {
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
            let limits = self.limits.hold::<V::Value, D::Error>()?;
            self.inner.$method($($argument,)* limits.on(Guest { visitor, expected: Expected::$expected }))
        }
    )* };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    scalars! {
        deserialize_bool deserialize_char deserialize_unit
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    wide_integers! { deserialize_i128 deserialize_u128 }

    #[inline]
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.limits.hold::<V::Value, D::Error>()?;
        if self.limits.format.is_self_describing() {
            // Asked for an `f32`, JSON rounds.
            self.inner.deserialize_f64(Float::single(visitor))
        } else {
            self.inner.deserialize_f32(visitor)
        }
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.limits.hold::<V::Value, D::Error>()?;
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
        self.limits.hold::<V::Value, D::Error>()?;
        self.inner.deserialize_str(Text(visitor))
    }

    // For an owned string a format may make room before it looks whether the bytes are there; a borrowed one it
    // must have.
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
        if self.limits.is_name() {
            self.inner.deserialize_identifier(Text(visitor))
        } else {
            self.inner.deserialize_identifier(visitor)
        }
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
