//! What a store keeps for one session.

mod fields;

use std::fmt;
use std::sync::Arc;

pub use self::fields::Fields;
use self::fields::{Raw, take_field};

use crate::meta::{HEAD, Meta};
use crate::patch::{Change, Patch};
use crate::wire::put_run;
use crate::{Timestamp, value};

/// What a store keeps for one session: its [`Meta`] and its fields, each a name and opaque bytes.
///
/// A record is one immutable run of bytes, cheap to clone. A store may keep it whole
/// ([`as_bytes`](Record::as_bytes), [`from_bytes`](Record::from_bytes)) or field by field
/// ([`fields`](Record::fields), [`new`](Record::new)); no field name occurs twice.
/// `Debug` shows field names and lengths, never their bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(Arc<[u8]>);

impl Record {
    /// A record of these fields; of a name given twice the first counts.
    pub fn new<'a>(meta: &Meta, fields: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut fields: Vec<_> = fields.into_iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        fields.dedup_by_key(|(name, _)| *name);
        let mut out = Vec::with_capacity(
            HEAD + fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>(),
        );
        out.extend(meta.to_bytes());
        for (name, value) in fields {
            put_field(&mut out, name, value);
        }
        Self(out.into())
    }

    /// The record that these bytes are, as [`as_bytes`](Record::as_bytes) gave them.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] when they are not a record: every byte is accounted for, no name occurs twice, and nothing is
    /// allocated before.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Into<Arc<[u8]>>) -> Result<Self, Corrupt> {
        let checked = bytes.as_ref();
        Meta::read(checked).ok_or(Corrupt)?;
        let mut rest = checked.get(HEAD..).ok_or(Corrupt)?;
        let mut last = None;
        while !rest.is_empty() {
            let (name, _) = take_field(&mut rest).ok_or(Corrupt)?;
            if last.replace(name).is_some_and(|last| last >= name) {
                return Err(Corrupt);
            }
        }
        Ok(Self(bytes.into()))
    }

    /// The record as bytes, in a layout that later versions keep reading.
    ///
    /// 1 layout, 1 flags, 16 handle id, then creation, idle deadline, idle timeout and lifetime deadline in
    /// milliseconds as 8 bytes each, low byte first; then each field as length, name, length, value,
    /// lengths in LEB128, in the order of the names' bytes. So equal records are equal bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Everything but the fields.
    pub fn meta(&self) -> Meta {
        match Meta::read(&self.0) {
            Some(meta) => meta,
            None => unreachable!("both constructors put a valid head first"),
        }
    }

    /// The fields, in the order of their names' bytes.
    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.0[HEAD..])
    }

    /// The bytes of one field.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields().get(name)
    }

    /// The fields that sessions are [found by](crate::is_indexed), in the order of their names' bytes.
    pub fn indexed(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let indexed = self.fields().raw().filter(|field| value::is_indexed(field.value));
        indexed.filter_map(|field| Some((str::from_utf8(field.name).ok()?, field.value)))
    }

    /// Whether the session still lives at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.meta().is_live(now)
    }

    /// The record of a new session that holds what `patch` sets.
    ///
    /// # Errors
    ///
    /// [`Conflict`] when a compare-and-set field is expected to hold something.
    pub fn created(meta: Meta, patch: &Patch) -> Result<Self, Conflict> {
        Self::patched(meta, &Fields(&[]), patch)
    }

    /// This record after `patch`: what a store that replaces whole records writes.
    ///
    /// # Errors
    ///
    /// [`Conflict`] when a compare-and-set field holds another value than expected; nothing is applied then.
    pub fn apply(&self, patch: &Patch) -> Result<Self, Conflict> {
        Self::patched(self.meta(), &self.fields(), patch)
    }

    fn patched(meta: Meta, old: &Fields<'_>, patch: &Patch) -> Result<Self, Conflict> {
        for (name, change) in patch.changes() {
            if let Change::CompareAndSet { expected, .. } = change
                && expected.as_deref() != old.get(name)
            {
                return Err(Conflict(name.to_owned()));
            }
        }
        let mut out = Vec::with_capacity(HEAD + old.0.len() + patch.size());
        out.extend(patch.meta(meta).to_bytes());
        let mut changes = patch.changes().peekable();
        // What stays is copied in one run up to the next change.
        let mut copied = 0;
        for Raw { name, value, from, to } in old.raw() {
            while let Some((new, change)) = changes.next_if(|(new, _)| new.as_bytes() < name) {
                out.extend_from_slice(&old.0[copied..from]);
                copied = from;
                put_changed(&mut out, new, change, None);
            }
            if changes.peek().is_none() && !patch.drops_fields() {
                break;
            }
            let change = changes.next_if(|(changed, _)| changed.as_bytes() == name);
            let kept =
                !patch.drops_fields() || str::from_utf8(name).is_ok_and(|name| patch.keeps(name, value));
            if change.is_some() || !kept {
                out.extend_from_slice(&old.0[copied..from]);
                copied = to;
            }
            if let Some((name, change)) = change {
                put_changed(&mut out, name, change, kept.then_some(value));
            }
        }
        out.extend_from_slice(&old.0[copied..]);
        for (new, change) in changes {
            put_changed(&mut out, new, change, None);
        }
        Ok(Self(out.into()))
    }

    /// This record with another idle deadline.
    pub fn with_idle_deadline(&self, idle_deadline: Timestamp) -> Self {
        self.with_meta(Meta { idle_deadline, ..self.meta() })
    }

    /// This record with another meta.
    pub fn with_meta(&self, meta: Meta) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        out.extend(meta.to_bytes());
        out.extend_from_slice(&self.0[HEAD..]);
        Self(out.into())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("meta", &self.meta()).field("fields", &self.fields()).finish()
    }
}

fn put_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    put_run(out, name.as_bytes());
    put_run(out, value);
}

fn put_changed(out: &mut Vec<u8>, name: &str, change: &Change, old: Option<&[u8]>) {
    match change {
        Change::Set(value) | Change::CompareAndSet { value: Some(value), .. } => put_field(out, name, value),
        Change::Remove | Change::CompareAndSet { value: None, .. } => {}
        Change::RemoveIf { expected } => {
            if let Some(value) = old.filter(|value| value != expected) {
                put_field(out, name, value);
            }
        }
        Change::Add { by, min, max, keep } => {
            put_field(out, name, &value::add_to_counter(old, *by, *min, *max, *keep));
        }
    }
}

/// A compare-and-set field, named here, was changed by somebody else since it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field `{0}` was changed by another request since it was loaded")]
pub struct Conflict(pub String);

/// The bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a session record")]
pub struct Corrupt;
