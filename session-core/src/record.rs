//! What a store keeps for one session.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::patch::{Change, Patch};
use crate::time::{from_millis, to_millis};
use crate::wire::{put_run, take_array, take_run};
use crate::{HandleId, Timestamp, codec};

/// The first byte of a record: another layout would be another number.
const LAYOUT: u8 = 1;
/// Set in the second byte when the client is to keep the token beyond its browser session.
const REMEMBER: u8 = 1;
/// Length of everything before the fields.
const HEAD: usize = 2 + 16 + 4 * 8;

/// What a record says of its session besides the fields: who it is and how long it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The public name of the session.
    pub id: HandleId,
    /// When the session was created.
    pub created_at: Timestamp,
    /// When the session ends unless it is used before: the sliding deadline.
    pub idle_deadline: Timestamp,
    /// How far each use moves the idle deadline; [`Duration::MAX`] for "not at all".
    pub idle_timeout: Duration,
    /// When the session ends however much it is used: the absolute deadline.
    pub lifetime_deadline: Timestamp,
    /// Whether the client is asked to keep the token beyond its browser session.
    pub remember: bool,
}

impl Meta {
    /// When the session ends if nobody uses it from now on.
    pub fn deadline(&self) -> Timestamp {
        self.idle_deadline.min(self.lifetime_deadline)
    }

    /// Whether the session still lives at `now`; at its deadline it does not.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.deadline()
    }

    /// When the session was last used, as far as its idle deadline tells.
    pub fn last_seen(&self) -> Timestamp {
        let timeout = to_millis(self.idle_timeout);
        if self.idle_deadline == Timestamp::NEVER || timeout == u64::MAX {
            return self.created_at;
        }
        Timestamp::from_millis(self.idle_deadline.as_millis().saturating_sub(timeout)).max(self.created_at)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(LAYOUT);
        out.push(if self.remember { REMEMBER } else { 0 });
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.created_at.as_millis().to_le_bytes());
        out.extend_from_slice(&self.idle_deadline.as_millis().to_le_bytes());
        out.extend_from_slice(&to_millis(self.idle_timeout).to_le_bytes());
        out.extend_from_slice(&self.lifetime_deadline.as_millis().to_le_bytes());
    }

    fn read(mut head: &[u8]) -> Option<Self> {
        let [layout, flags] = take_array(&mut head)?;
        if layout != LAYOUT || flags & !REMEMBER != 0 {
            return None;
        }
        let id = HandleId::from(take_array::<16>(&mut head)?);
        let mut millis = || Some(u64::from_le_bytes(take_array(&mut head)?));
        Some(Self {
            id,
            created_at: Timestamp::from_millis(millis()?),
            idle_deadline: Timestamp::from_millis(millis()?),
            idle_timeout: from_millis(millis()?),
            lifetime_deadline: Timestamp::from_millis(millis()?),
            remember: flags == REMEMBER,
        })
    }
}

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
        let fields = fields.into_iter();
        let mut out = Vec::with_capacity(HEAD + 64 * fields.size_hint().0);
        meta.write(&mut out);
        for (name, value) in fields {
            if Fields(&out[HEAD..]).get(name).is_none() {
                put_field(&mut out, name, value);
            }
        }
        Self(out.into())
    }

    /// The record that these bytes are, as [`as_bytes`](Record::as_bytes) gave them.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] when they are not a record: every byte is accounted for, and nothing is allocated before.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Into<Arc<[u8]>>) -> Result<Self, Corrupt> {
        let checked = bytes.as_ref();
        Meta::read(checked).ok_or(Corrupt)?;
        let mut rest = checked.get(HEAD..).ok_or(Corrupt)?;
        while !rest.is_empty() {
            take_field(&mut rest).ok_or(Corrupt)?;
        }
        Ok(Self(bytes.into()))
    }

    /// The record as bytes, in a layout that later versions keep reading.
    ///
    /// 1 layout, 1 flags, 16 handle id, then creation, idle deadline, idle timeout and lifetime deadline in
    /// milliseconds as 8 bytes each, low byte first; then each field as length, name, length, value,
    /// lengths in LEB128.
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

    /// The fields, in no particular order.
    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.0[HEAD..])
    }

    /// The bytes of one field.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields().get(name)
    }

    /// Whether the session still lives at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.meta().is_live(now)
    }

    /// This record after `patch`: what a store that replaces whole records writes.
    ///
    /// # Errors
    ///
    /// [`Conflict`] when a compare-and-set field holds another value than expected; nothing is applied then.
    pub fn apply(&self, patch: &Patch) -> Result<Self, Conflict> {
        for (name, change) in patch.changes() {
            if let Change::Swap { expected, .. } = change
                && expected.as_deref() != self.get(name)
            {
                return Err(Conflict(name.to_owned()));
            }
        }
        let mut out = Vec::with_capacity(self.0.len() + patch.size());
        patch.meta(self.meta()).write(&mut out);
        for (name, value) in self.fields().filter(|(name, _)| patch.keeps(name)) {
            match patch.change(name) {
                None => put_field(&mut out, name, value),
                Some(change) => put_changed(&mut out, name, change, Some(value)),
            }
        }
        for (name, change) in patch.changes() {
            if !patch.keeps(name) || self.get(name).is_none() {
                put_changed(&mut out, name, change, None);
            }
        }
        Ok(Self(out.into()))
    }

    /// This record with another idle deadline.
    pub fn with_idle_deadline(&self, idle_deadline: Timestamp) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        Meta { idle_deadline, ..self.meta() }.write(&mut out);
        out.extend_from_slice(&self.0[HEAD..]);
        Self(out.into())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("meta", &self.meta()).field("fields", &self.fields()).finish()
    }
}

/// The fields of a record: pairs of a name and opaque bytes.
#[derive(Clone)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The bytes of one field.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let mut rest = self.0;
        while !rest.is_empty() {
            let found = take_run(&mut rest)?;
            let value = take_run(&mut rest)?;
            if found == name.as_bytes() {
                return Some(value);
            }
        }
        None
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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

fn put_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    put_run(out, name.as_bytes());
    put_run(out, value);
}

fn take_field<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, &'a [u8])> {
    let name = str::from_utf8(take_run(rest)?).ok()?;
    Some((name, take_run(rest)?))
}

fn put_changed(out: &mut Vec<u8>, name: &str, change: &Change, old: Option<&[u8]>) {
    match change {
        Change::Set(value) | Change::Swap { value: Some(value), .. } => put_field(out, name, value),
        Change::Remove | Change::Swap { value: None, .. } => {}
        Change::Add { by, min, max } => put_field(out, name, &codec::add_to_counter(old, *by, *min, *max)),
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
