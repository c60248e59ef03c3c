//! What stands in a record behind its head.

use std::fmt;

use crate::wire::take_run;

/// The fields of a record: pairs of a name and opaque bytes.
#[derive(Clone)]
pub struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The bytes of one field.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.raw().find(|field| field.name == name.as_bytes()).map(|field| field.value)
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn raw(&self) -> impl Iterator<Item = Raw<'a>> + use<'a> {
        let Self(fields) = *self;
        let mut rest = fields;
        std::iter::from_fn(move || {
            let from = fields.len() - rest.len();
            let (name, value) = (take_run(&mut rest)?, take_run(&mut rest)?);
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

/// A field where it stands among the others, its name not yet text.
pub(super) struct Raw<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) from: usize,
    pub(super) to: usize,
}

pub(super) fn take_field<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, &'a [u8])> {
    let name = str::from_utf8(take_run(rest)?).ok()?;
    Some((name, take_run(rest)?))
}
