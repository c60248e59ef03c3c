//! The stored state of a session, as one run of bytes.

use std::fmt;
use std::sync::Arc;

use crate::fields::{Fields, put_field, take_field};
use crate::meta::{MAX_HEAD, Meta};
use crate::{Timestamp, value};

/// The stored state of a session: its [`Meta`] and its fields, each a name and opaque bytes.
///
/// A record is one immutable run of bytes, cheap to clone. A store may keep it whole
/// ([`as_bytes`](Record::as_bytes), [`from_bytes`](Record::from_bytes)) or field by field
/// ([`fields`](Record::fields), [`new`](Record::new)). Field names are unique.
/// `Debug` prints field names and lengths, never values.
#[doc(alias = "session data")]
#[derive(Clone, PartialEq, Eq)]
pub struct Record(pub(crate) Arc<[u8]>);

impl Record {
    /// Creates a record from fields. If a name occurs twice, the first value is used.
    pub fn new<'a>(meta: &Meta, fields: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut fields: Vec<_> = fields.into_iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        fields.dedup_by_key(|(name, _)| *name);
        let mut out = Vec::with_capacity(
            MAX_HEAD + fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>(),
        );
        meta.put(&mut out);
        for (name, value) in fields {
            put_field(&mut out, name, value);
        }
        Self(out.into())
    }

    /// Decodes a record from the bytes that [`as_bytes`](Record::as_bytes) returned.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the bytes are not a record. All bytes are validated, including the order and uniqueness of
    /// the names, before anything is allocated.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Into<Arc<[u8]>>) -> Result<Self, Corrupt> {
        let checked = bytes.as_ref();
        Meta::read(checked).ok_or(Corrupt)?;
        let mut rest = checked.get(Meta::length(checked)..).ok_or(Corrupt)?;
        let mut last = None;
        while !rest.is_empty() {
            let (name, _) = take_field(&mut rest).ok_or(Corrupt)?;
            if last.replace(name).is_some_and(|last| last >= name) {
                return Err(Corrupt);
            }
        }
        Ok(Self(bytes.into()))
    }

    /// Returns the record as bytes, in a layout that later versions of this crate can read.
    ///
    /// The layout is 1 byte for its version, 1 byte of flags, 16 bytes for the handle id; then creation time, idle
    /// deadline, idle timeout, lifetime deadline and, if a flag is set, time of authentication in milliseconds, each 8
    /// bytes little-endian; then for each field the length and bytes of its name and the length and bytes of its value.
    /// Lengths are LEB128 numbers. Fields are sorted by the bytes of their names, so equal records have equal bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the metadata: handle id, times and deadlines.
    pub fn meta(&self) -> Meta {
        match Meta::read(&self.0) {
            Some(meta) => meta,
            None => unreachable!("every constructor writes or checks the metadata"),
        }
    }

    /// Returns the fields, sorted by the bytes of their names.
    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.0[Meta::length(&self.0)..])
    }

    /// Returns the value of a field.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields().get(name)
    }

    /// Returns the fields whose value is [indexed](crate::value::is_indexed), sorted by the bytes of their names.
    pub fn indexed(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let indexed = self.fields().raw().filter(|field| value::is_indexed(field.value));
        indexed.filter_map(|field| Some((str::from_utf8(field.name).ok()?, field.value)))
    }

    /// Whether the session is live at `now`. At its deadline it is not.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.meta().is_live(now)
    }

    /// Returns the record with another idle deadline.
    pub fn with_idle_deadline(&self, idle_deadline: Timestamp) -> Self {
        self.with_meta(Meta { idle_deadline, ..self.meta() })
    }

    /// Returns the record with other metadata.
    pub fn with_meta(&self, meta: Meta) -> Self {
        let Fields(fields) = self.fields();
        let mut out = Vec::with_capacity(MAX_HEAD + fields.len());
        meta.put(&mut out);
        out.extend_from_slice(fields);
        Self(out.into())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("meta", &self.meta()).field("fields", &self.fields()).finish()
    }
}

/// The bytes are not an encoded record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a session record")]
pub struct Corrupt;
