//! The application of a patch to a record.

use crate::fields::{Fields, Raw, put_field};
use crate::meta::{MAX_HEAD, Meta};
use crate::{Change, Patch, Record, value};

/// A compare-and-set field did not hold the expected value. Contains the name of the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field `{0}` was changed by another request since it was loaded")]
pub struct Conflict(pub String);

impl Record {
    /// Creates the record of a new session from the changes of a patch.
    ///
    /// # Errors
    ///
    /// [`Conflict`] if a compare-and-set field is expected to hold a value.
    pub fn created(meta: Meta, patch: &Patch) -> Result<Self, Conflict> {
        patched(meta, &Fields(&[]), patch)
    }

    /// Returns the record after `patch`, for stores that replace whole records.
    ///
    /// # Errors
    ///
    /// [`Conflict`] if a compare-and-set field does not hold the expected value. Nothing is applied then.
    pub fn apply(&self, patch: &Patch) -> Result<Self, Conflict> {
        patched(self.meta(), &self.fields(), patch)
    }
}

impl Patch {
    /// Whether the [indexed](crate::value::is_indexed) values of this record may differ after the patch.
    ///
    /// If not, a store that keeps an index need not update it.
    pub fn reindexes(&self, record: &Record) -> bool {
        let is_indexed = |value: Option<&[u8]>| value.is_some_and(value::is_indexed);
        self.drops_fields()
            || self.changes().any(|(name, change)| is_indexed(change.value()) || is_indexed(record.get(name)))
    }
}

fn patched(meta: Meta, old: &Fields<'_>, patch: &Patch) -> Result<Record, Conflict> {
    for (name, change) in patch.changes() {
        if let Change::CompareAndSet { expected, .. } = change
            && expected.as_deref() != old.get(name)
        {
            return Err(Conflict(name.to_owned()));
        }
    }
    let mut out = Vec::with_capacity(MAX_HEAD + old.0.len() + patch.size());
    patch.meta(meta).put(&mut out);
    let mut changes = patch.changes().peekable();
    // Adjacent unchanged fields are copied together.
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
        let kept = !patch.drops_fields() || str::from_utf8(name).is_ok_and(|name| patch.keeps(name, value));
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
    Ok(Record(out.into()))
}

/// Appends a changed field. `old` is its value after the patch has dropped fields.
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
