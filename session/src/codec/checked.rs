//! Encoding under the limits of decoding, in one pass: what the format cannot give back is refused, and what might not be
//! read back is noticed.

mod compound;

use std::cell::Cell;

use serde::ser::{Error, Serialize, Serializer};

use self::compound::Compound;
use crate::codec::format::{FREE_VALUES, Format, MAX_DEPTH, MAX_LEVELS, MAX_VALUE, Place, WIDE_INTEGER};

/// How deep a value may nest so that it is read back whatever its size in memory.
const SAFE_DEPTH: usize = MAX_DEPTH / MAX_LEVELS;

/// What is known of a value that is being encoded.
pub(crate) struct Tally {
    format: Format,
    values: Cell<usize>,
    deepest: Cell<usize>,
    wide: Cell<bool>,
    refusal: Cell<Option<&'static str>>,
}

impl Tally {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            values: Cell::new(0),
            deepest: Cell::new(0),
            wide: Cell::new(false),
            refusal: Cell::new(None),
        }
    }

    /// The value, which counts itself when it is serialized.
    pub(crate) fn check<'a, T>(&'a self, value: &'a T) -> Checked<'a, &'a T> {
        Checked { inner: value, at: At { tally: self, depth: 0, place: Place::Value } }
    }

    /// Why the value was refused, if it was refused here.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        self.refusal.get()
    }

    /// Whether only decoding can tell that the value is read back: it is large, deep, or has integers that serde cannot
    /// buffer.
    pub(crate) fn is_unusual(&self) -> bool {
        self.values.get() > FREE_VALUES || self.deepest.get() > SAFE_DEPTH || self.wide.get()
    }
}

/// Where in the value serialization is.
#[derive(Clone, Copy)]
struct At<'a> {
    tally: &'a Tally,
    depth: usize,
    place: Place,
}

impl<'a> At<'a> {
    fn on<T>(self, inner: T) -> Checked<'a, T> {
        Checked { inner, at: self }
    }

    fn place(self, place: Place) -> Self {
        Self { place, ..self }
    }

    fn refuse<E: Error>(self, reason: &'static str) -> E {
        self.tally.refusal.set(Some(reason));
        E::custom(reason)
    }

    /// Counts a value.
    fn count<E: Error>(self) -> Result<(), E> {
        let values = self.tally.values.get() + 1;
        self.tally.values.set(values);
        if values > MAX_VALUE {
            Err(self.refuse("it has more elements than a field may have bytes"))
        } else {
            Ok(())
        }
    }

    /// Counts a value of so many levels: the place inside.
    fn inside<E: Error>(self, levels: usize) -> Result<Self, E> {
        self.count()?;
        let depth = self.depth + levels;
        if depth > MAX_DEPTH {
            return Err(self.refuse("it nests more than 128 levels deep"));
        }
        self.tally.deepest.set(self.tally.deepest.get().max(depth));
        Ok(Self { depth, ..self })
    }

    /// Counts a value that is written as nothing.
    fn nothing<E: Error>(self) -> Result<(), E> {
        if self.place == Place::Some && self.tally.format.is_self_describing() {
            return Err(self.refuse(
                "`Some` of something that is written as nothing, such as `Some(None)`, would be read as `None`; \
                 use an enum with a variant for each case",
            ));
        }
        self.count()
    }

    fn float<E: Error>(self, is_finite: bool) -> Result<(), E> {
        if self.tally.format == Format::Json && !is_finite {
            return Err(self.refuse("JSON has no NaN and no infinity; leave out `codec = \"json\"`"));
        }
        self.count()
    }
}

/// A value, or the serializer it meets, that counts what passes.
pub(crate) struct Checked<'a, T> {
    inner: T,
    at: At<'a>,
}

impl<T: Serialize + ?Sized> Serialize for Checked<'_, &T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(self.at.on(serializer))
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty))*) => { $(
        #[inline]
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.at.count()?;
            self.inner.$method(value)
        }
    )* };
}

macro_rules! compounds {
    ($($method:ident($($name:ident: $type:ty),*) -> $compound:ident, $levels:literal;)*) => { $(
        #[inline]
        fn $method(self, $($name: $type),*) -> Result<Self::$compound, S::Error> {
            let at = self.at.inside($levels)?;
            Ok(Compound { inner: self.inner.$method($($name),*)?, at })
        }
    )* };
}

impl<'a, S: Serializer> Serializer for Checked<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Compound<'a, S::SerializeSeq>;
    type SerializeTuple = Compound<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Compound<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Compound<'a, S::SerializeTupleVariant>;
    type SerializeMap = Compound<'a, S::SerializeMap>;
    type SerializeStruct = Compound<'a, S::SerializeStruct>;
    type SerializeStructVariant = Compound<'a, S::SerializeStructVariant>;

    scalars! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
    }

    compounds! {
        serialize_seq(len: Option<usize>) -> SerializeSeq, 1;
        serialize_tuple(len: usize) -> SerializeTuple, 1;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct, 1;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> SerializeTupleVariant, 2;
        serialize_map(len: Option<usize>) -> SerializeMap, 1;
        serialize_struct(name: &'static str, len: usize) -> SerializeStruct, 1;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> SerializeStructVariant, 2;
    }

    fn serialize_i128(self, value: i128) -> Result<S::Ok, S::Error> {
        self.at.count()?;
        match i64::try_from(value) {
            _ if self.keeps_wide() => self.inner.serialize_i128(value),
            Ok(value) => self.inner.serialize_i64(value),
            Err(_) => match u64::try_from(value) {
                Ok(value) => self.inner.serialize_u64(value),
                Err(_) => self.serialize_wide(&value.to_string()),
            },
        }
    }

    fn serialize_u128(self, value: u128) -> Result<S::Ok, S::Error> {
        self.at.count()?;
        match u64::try_from(value) {
            _ if self.keeps_wide() => self.inner.serialize_u128(value),
            Ok(value) => self.inner.serialize_u64(value),
            Err(_) => self.serialize_wide(&value.to_string()),
        }
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        self.at.float(value.is_finite())?;
        // The digits of an `f32` name another `f64`.
        match self.at.tally.format {
            Format::Json => self.inner.serialize_f64(value.into()),
            _ => self.inner.serialize_f32(value),
        }
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.at.float(value.is_finite())?;
        self.inner.serialize_f64(value)
    }

    #[inline]
    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.at.nothing()?;
        self.inner.serialize_none()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let at = self.at.inside(1)?;
        // A key that is an `Option` is written as what is in it.
        let place = if at.place == Place::Key { Place::Key } else { Place::Some };
        self.inner.serialize_some(&at.place(place).on(value))
    }

    #[inline]
    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.at.nothing()?;
        self.inner.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        if self.at.tally.format == Format::Json {
            self.at.nothing()?;
        } else {
            self.at.count()?;
        }
        self.inner.serialize_unit_struct(name)
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.at.inside(1)?;
        self.inner.serialize_unit_variant(name, index, variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &self.at.inside(1)?.on(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let at = self.at.inside(1)?.place(Place::Value);
        self.inner.serialize_newtype_variant(name, index, variant, &at.on(value))
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

impl<S: Serializer> Checked<'_, S> {
    /// Whether the format has 128-bit integers here.
    fn keeps_wide(&self) -> bool {
        self.at.tally.wide.set(true);
        let format = self.at.tally.format;
        !format.is_self_describing() || (format, self.at.place) == (Format::Json, Place::Key)
    }

    fn serialize_wide(self, digits: &str) -> Result<S::Ok, S::Error> {
        self.at.inside(1)?;
        self.inner.serialize_newtype_variant(WIDE_INTEGER, 0, WIDE_INTEGER, digits)
    }
}
