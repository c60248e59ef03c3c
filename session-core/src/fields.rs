//! The fields of a record: length-prefixed names and values.

use std::fmt;

use crate::length_prefixed::{put_bytes, take_bytes};

/// Iterator over the fields of a record: pairs of a name and opaque bytes.
#[derive(Clone)]
pub struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    /// Returns the value of a field.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.raw().find(|field| field.name == name.as_bytes()).map(|field| field.value)
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns an iterator over the values alone.
    pub fn values(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.raw().map(|field| field.value)
    }

    pub(crate) fn raw(&self) -> impl Iterator<Item = Raw<'a>> + use<'a> {
        let Self(fields) = *self;
        let mut rest = fields;
        std::iter::from_fn(move || {
            let from = fields.len() - rest.len();
            let (name, value) = (take_bytes(&mut rest)?, take_bytes(&mut rest)?);
            Some(Raw { name, value, from, to: fields.len() - rest.len() })
        })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        take_field(&mut self.0)
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.clone().map(|(name, value)| (name, format!("{} bytes", value.len())));
        f.debug_map().entries(lengths).finish()
    }
}

/// A field whose name is not yet decoded as UTF-8, with its range among the bytes of all fields.
pub(crate) struct Raw<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Removes a field from the front.
pub(crate) fn take_field<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, &'a [u8])> {
    let name = str::from_utf8(take_bytes(rest)?).ok()?;
    Some((name, take_bytes(rest)?))
}

/// Appends a field.
pub(crate) fn put_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    put_bytes(out, name.as_bytes());
    put_bytes(out, value);
}
