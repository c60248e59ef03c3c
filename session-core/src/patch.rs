//! What one request changed in a record.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::{HandleId, Meta, Record, Timestamp, is_indexed, is_kept};

/// Bytes of the longest length before a name or value.
const MAX_VARINT: usize = 5;

/// What becomes of one field.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// The field gets these bytes.
    Set(Vec<u8>),
    /// The field leaves the record, without a trace.
    Remove,
    /// The field leaves the record if it still holds exactly the bytes of `expected`, as it was before this patch; else it
    /// stays. That is never a conflict: it removes what was seen, and nothing that was written since.
    RemoveIf {
        /// The bytes that were loaded.
        expected: Vec<u8>,
    },
    /// A counter moves `by` that much from what it is at the moment of the write and stops at `min` and `max`.
    /// What is absent, dropped by the same patch or not a counter counts as zero.
    Add {
        /// How much is added; negative to subtract.
        by: i64,
        /// The least value of the counter's type.
        min: i64,
        /// The greatest value of the counter's type.
        max: i64,
        /// Whether the sum [is kept](crate::is_kept) when a patch drops the others.
        keep: bool,
    },
    /// The field gets `value` (`None`: leaves the record) if it still is `expected` (`None`: absent); else the
    /// whole patch is a conflict. It is compared with what it was before this patch, also where that drops it.
    CompareAndSet {
        /// The bytes that were loaded.
        expected: Option<Vec<u8>>,
        /// The bytes to write.
        value: Option<Vec<u8>>,
    },
}

impl Change {
    /// The bytes that the field gets, if that is known.
    fn value(&self) -> Option<&[u8]> {
        match self {
            Self::Set(value) => Some(value),
            Self::CompareAndSet { value, .. } => value.as_deref(),
            Self::Remove | Self::RemoveIf { .. } | Self::Add { .. } => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Add { .. } => 24,
            _ => self.value().map_or(0, <[u8]>::len),
        }
    }
}

impl fmt::Debug for Change {
    /// Names the change without its bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set(_) => "Set(***)",
            Self::Remove => "Remove",
            Self::RemoveIf { .. } => "RemoveIf(***)",
            Self::Add { .. } => "Add(***)",
            Self::CompareAndSet { .. } => "CompareAndSet(***)",
        })
    }
}

/// New deadlines for a session, when its own were set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The new idle timeout; [`Duration::MAX`] for none.
    pub idle_timeout: Duration,
    /// The new idle deadline, which may be earlier than the old one.
    pub idle_deadline: Timestamp,
    /// The new lifetime deadline.
    pub lifetime_deadline: Timestamp,
    /// Whether the client keeps the token beyond its browser session.
    pub remember: bool,
}

impl From<Meta> for Deadlines {
    fn from(meta: Meta) -> Self {
        Self {
            idle_timeout: meta.idle_timeout,
            idle_deadline: meta.idle_deadline,
            lifetime_deadline: meta.lifetime_deadline,
            remember: meta.remember,
        }
    }
}

/// The fields that a patch drops before its changes apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Dropped {
    #[default]
    None,
    /// All but those named here and those whose value is kept.
    Unkept(Vec<Cow<'static, str>>),
    All,
}

/// What one request changed in a record: for each changed field a [`Change`], and perhaps new deadlines.
///
/// Fields that a patch does not name stay as they are, unless the patch drops them. No field
/// is named twice. `Debug` shows names, never bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// In the order of the names.
    changes: Vec<(Cow<'static, str>, Change)>,
    dropped: Dropped,
    idle_deadline: Option<Timestamp>,
    deadlines: Option<Deadlines>,
    identity: Option<(HandleId, Timestamp)>,
}

impl Patch {
    /// A patch that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a change of one field, in place of an earlier one.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, change: Change) -> Self {
        self.insert(name, change);
        self
    }

    /// Sets a field.
    ///
    /// ```
    /// use session_core::Patch;
    ///
    /// let patch = Patch::new().set("theme", *b"dark").remove("notice");
    /// assert!(!patch.is_empty());
    /// ```
    #[must_use]
    pub fn set(self, name: impl Into<Cow<'static, str>>, value: impl Into<Vec<u8>>) -> Self {
        self.with(name, Change::Set(value.into()))
    }

    /// Removes a field.
    #[must_use]
    pub fn remove(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(name, Change::Remove)
    }

    /// Drops every field of the record but those named and those whose value [is kept](crate::is_kept), before the changes
    /// apply.
    #[must_use]
    pub fn keep_only<N: Into<Cow<'static, str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.dropped = Dropped::Unkept(names.into_iter().map(Into::into).collect());
        self
    }

    /// Drops every field of the record, kept or not, before the changes apply.
    #[must_use]
    pub fn drop_all(mut self) -> Self {
        self.dropped = Dropped::All;
        self
    }

    /// Moves the idle deadline to this moment, unless it is later already.
    #[must_use]
    pub fn touch(mut self, idle_deadline: Timestamp) -> Self {
        self.idle_deadline = Some(idle_deadline);
        self
    }

    /// Gives the session new deadlines.
    #[must_use]
    pub fn set_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = Some(deadlines);
        self
    }

    /// Gives the session another handle id and creation time: it belongs to another person from now on, or to nobody.
    ///
    /// Sessions are then listed, found and destroyed under the new handle id alone.
    #[must_use]
    pub fn identify(mut self, id: HandleId, created_at: Timestamp) -> Self {
        self.identity = Some((id, created_at));
        self
    }

    /// Makes room for so many changes.
    pub fn reserve(&mut self, changes: usize) {
        self.changes.reserve_exact(changes);
    }

    /// Adds a change of one field, in place of an earlier one.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, change: Change) {
        let name = name.into();
        if self.changes.last().is_none_or(|(last, _)| *last < name) {
            return self.changes.push((name, change));
        }
        match self.changes.binary_search_by(|(other, _)| other.cmp(&name)) {
            Ok(at) => self.changes[at] = (name, change),
            Err(at) => self.changes.insert(at, (name, change)),
        }
    }

    /// Whether there is nothing in it to write.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// Whether it changes or drops fields.
    pub fn changes_fields(&self) -> bool {
        !self.changes.is_empty() || self.drops_fields()
    }

    /// The changed fields, in the order of their names' bytes.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.changes.iter().map(|(name, change)| (name.as_ref(), change))
    }

    /// What becomes of one field.
    pub fn change(&self, name: &str) -> Option<&Change> {
        self.changes().find_map(|(other, change)| (other == name).then_some(change))
    }

    /// Whether the values that a session of this record is [found by](crate::is_indexed) may be others after this patch: a
    /// store that keeps an index need not look at it otherwise.
    pub fn reindexes(&self, record: &Record) -> bool {
        let indexed = |value: Option<&[u8]>| value.is_some_and(is_indexed);
        self.drops_fields()
            || self.changes().any(|(name, change)| indexed(change.value()) || indexed(record.get(name)))
    }

    /// Whether it drops fields before its changes apply.
    pub fn drops_fields(&self) -> bool {
        self.dropped != Dropped::None
    }

    /// Whether it [drops all](Patch::drop_all) fields.
    pub fn drops_all(&self) -> bool {
        self.dropped == Dropped::All
    }

    /// The names given to [`keep_only`](Patch::keep_only); `None` when all fields stay, or none does.
    pub fn kept(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.dropped {
            Dropped::Unkept(names) => Some(names.iter().map(AsRef::as_ref)),
            Dropped::None | Dropped::All => None,
        }
    }

    /// Whether a field of the record that holds this value is still there when the changes apply.
    pub fn keeps(&self, name: &str, value: &[u8]) -> bool {
        match &self.dropped {
            Dropped::None => true,
            Dropped::Unkept(names) => is_kept(value) || names.iter().any(|kept| kept == name),
            Dropped::All => false,
        }
    }

    /// The idle deadline to move forward to.
    pub fn idle_deadline(&self) -> Option<Timestamp> {
        self.idle_deadline
    }

    /// The new deadlines.
    pub fn deadlines(&self) -> Option<Deadlines> {
        self.deadlines
    }

    /// The new handle id and creation time.
    pub fn identity(&self) -> Option<(HandleId, Timestamp)> {
        self.identity
    }

    /// `meta` as it is after this patch.
    pub fn meta(&self, mut meta: Meta) -> Meta {
        if let Some((id, created_at)) = self.identity {
            (meta.id, meta.created_at) = (id, created_at);
        }
        if let Some(deadlines) = self.deadlines {
            meta.idle_timeout = deadlines.idle_timeout;
            meta.idle_deadline = deadlines.idle_deadline;
            meta.lifetime_deadline = deadlines.lifetime_deadline;
            meta.remember = deadlines.remember;
        }
        if let Some(deadline) = self.idle_deadline {
            meta.idle_deadline = meta.idle_deadline.max(deadline);
        }
        meta
    }

    /// Bytes by which a record may grow through it, at most.
    pub fn size(&self) -> usize {
        self.changes.iter().map(|(name, change)| name.len() + change.size() + 2 * MAX_VARINT).sum()
    }
}
