//! Values and serializers under checks.

use serde::ser::{Serialize, Serializer};

use super::checker::Checked;
use super::compound::CheckedCompound;
use crate::codec::format::WIDE_INTEGER;
use crate::codec::position::Position;

impl<T: Serialize + ?Sized> Serialize for Checked<'_, &T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(self.context.apply_to(serializer))
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty))*) => { $(
        #[inline]
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.context.count()?;
            self.inner.$method(value)
        }
    )* };
}

macro_rules! compounds {
    ($($method:ident($($name:ident: $type:ty),*) -> $compound:ident, $levels:literal;)*) => { $(
        #[inline]
        fn $method(self, $($name: $type),*) -> Result<Self::$compound, S::Error> {
            let context = self.context.enter($levels)?;
            Ok(CheckedCompound { inner: self.inner.$method($($name),*)?, context })
        }
    )* };
}

impl<'a, S: Serializer> Serializer for Checked<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = CheckedCompound<'a, S::SerializeSeq>;
    type SerializeTuple = CheckedCompound<'a, S::SerializeTuple>;
    type SerializeTupleStruct = CheckedCompound<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = CheckedCompound<'a, S::SerializeTupleVariant>;
    type SerializeMap = CheckedCompound<'a, S::SerializeMap>;
    type SerializeStruct = CheckedCompound<'a, S::SerializeStruct>;
    type SerializeStructVariant = CheckedCompound<'a, S::SerializeStructVariant>;

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
        if !self.context.count_wide_integer()? {
            return self.inner.serialize_i128(value);
        }
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.inner.serialize_i64(value),
            (_, Ok(value)) => self.inner.serialize_u64(value),
            _ => self.serialize_wide_integer(&value.to_string()),
        }
    }

    fn serialize_u128(self, value: u128) -> Result<S::Ok, S::Error> {
        if !self.context.count_wide_integer()? {
            return self.inner.serialize_u128(value);
        }
        match u64::try_from(value) {
            Ok(value) => self.inner.serialize_u64(value),
            Err(_) => self.serialize_wide_integer(&value.to_string()),
        }
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        self.context.count_float(value.is_finite())?;
        // The shortest digits of an `f32` would be read as another `f64`.
        if self.context.is_json() {
            self.inner.serialize_f64(value.into())
        } else {
            self.inner.serialize_f32(value)
        }
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.context.count_float(value.is_finite())?;
        self.inner.serialize_f64(value)
    }

    #[inline]
    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.context.count_null()?;
        self.inner.serialize_none()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let context = self.context.enter(1)?.at_some();
        self.inner.serialize_some(&context.apply_to(value))
    }

    #[inline]
    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.context.count_null()?;
        self.inner.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        if self.context.is_json() {
            self.context.count_null()?;
        } else {
            self.context.count()?;
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
        self.context.enter(1)?;
        self.inner.serialize_unit_variant(name, index, variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &self.context.enter(1)?.apply_to(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let context = self.context.enter(1)?.at(Position::Value);
        self.inner.serialize_newtype_variant(name, index, variant, &context.apply_to(value))
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

impl<S: Serializer> Checked<'_, S> {
    fn serialize_wide_integer(self, digits: &str) -> Result<S::Ok, S::Error> {
        self.context.enter(1)?;
        self.inner.serialize_newtype_variant(WIDE_INTEGER, 0, WIDE_INTEGER, digits)
    }
}
