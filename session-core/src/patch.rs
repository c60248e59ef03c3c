//! The changes that one request makes to a record.

use std::borrow::Cow;
use std::time::Duration;

use crate::value::is_kept;
use crate::{Change, HandleId, Meta, Timestamp};

/// Bytes of a timestamp in a record.
const TIMESTAMP: usize = 8;
/// Bytes of the longest length prefix of a name or value.
const MAX_VARINT: usize = 5;

/// New deadlines of a session, in place of those of its record.
#[doc(alias = "expiry")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The new idle timeout, or [`Duration::MAX`] for none.
    pub idle_timeout: Duration,
    /// The new idle deadline. It may be earlier than the old one.
    pub idle_deadline: Timestamp,
    /// The new lifetime deadline.
    pub lifetime_deadline: Timestamp,
    /// Whether the client keeps the token beyond its browser session.
    #[doc(alias = "remember me")]
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

/// The fields that a patch drops before its changes are applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Dropped {
    #[default]
    None,
    /// All except those named here and those whose value is marked as kept.
    Unkept(Vec<Cow<'static, str>>),
    All,
}

/// The changes that one request makes to a record: a [`Change`] for each changed field, and optionally new deadlines,
/// another identity and a time of authentication.
///
/// Fields without a change keep their value unless the patch drops them. Field names are unique. `Debug` prints names,
/// never values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Sorted by name.
    changes: Vec<(Cow<'static, str>, Change)>,
    dropped: Dropped,
    idle_deadline: Option<Timestamp>,
    deadlines: Option<Deadlines>,
    identity: Option<(HandleId, Timestamp)>,
    authenticated_at: Option<Timestamp>,
}

impl Patch {
    /// Creates an empty patch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a change of one field, replacing an earlier one.
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

    /// Drops all fields of the record before the changes are applied, except those named and those whose value is
    /// marked as [kept](crate::value::is_kept).
    #[must_use]
    pub fn keep_only<N: Into<Cow<'static, str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.dropped = Dropped::Unkept(names.into_iter().map(Into::into).collect());
        self
    }

    /// Drops all fields of the record before the changes are applied, including those marked as kept.
    #[must_use]
    pub fn drop_all(mut self) -> Self {
        self.dropped = Dropped::All;
        self
    }

    /// Extends the idle deadline to this time, unless it is later already.
    #[must_use]
    pub fn touch(mut self, idle_deadline: Timestamp) -> Self {
        self.idle_deadline = Some(idle_deadline);
        self
    }

    /// Replaces the deadlines of the session.
    #[must_use]
    pub fn set_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = Some(deadlines);
        self
    }

    /// Replaces the handle id and the creation time, as when the session passes to another principal or is logged out.
    ///
    /// Afterwards the session is listed, found and destroyed under the new handle id only. The time of authentication is
    /// removed unless the patch [sets](Patch::authenticate) it.
    #[must_use]
    pub fn identify(mut self, id: HandleId, created_at: Timestamp) -> Self {
        self.identity = Some((id, created_at));
        self
    }

    /// Sets the time at which the session's principal proved their identity.
    #[must_use]
    pub fn authenticate(mut self, at: Timestamp) -> Self {
        self.authenticated_at = Some(at);
        self
    }

    /// Reserves capacity for exactly this number of changes.
    pub fn reserve(&mut self, changes: usize) {
        self.changes.reserve_exact(changes);
    }

    /// Adds a change of one field, replacing an earlier one.
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

    /// Whether the patch changes nothing.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// Whether the patch changes or drops fields.
    pub fn changes_fields(&self) -> bool {
        !self.changes.is_empty() || self.drops_fields()
    }

    /// Returns the changed fields, sorted by the bytes of their names.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.changes.iter().map(|(name, change)| (name.as_ref(), change))
    }

    /// Returns the change of one field.
    pub fn change(&self, name: &str) -> Option<&Change> {
        self.changes().find_map(|(other, change)| (other == name).then_some(change))
    }

    /// Whether the patch drops fields before its changes are applied.
    pub fn drops_fields(&self) -> bool {
        self.dropped != Dropped::None
    }

    /// Whether the patch [drops all](Patch::drop_all) fields.
    pub fn drops_all(&self) -> bool {
        self.dropped == Dropped::All
    }

    /// Returns the names given to [`keep_only`](Patch::keep_only), or `None` if the patch drops all fields or none.
    pub fn kept(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.dropped {
            Dropped::Unkept(names) => Some(names.iter().map(AsRef::as_ref)),
            Dropped::None | Dropped::All => None,
        }
    }

    /// Whether a field of the record with this name and value is retained when fields are dropped.
    pub fn keeps(&self, name: &str, value: &[u8]) -> bool {
        match &self.dropped {
            Dropped::None => true,
            Dropped::Unkept(names) => is_kept(value) || names.iter().any(|kept| kept == name),
            Dropped::All => false,
        }
    }

    /// Returns the time to which the idle deadline is extended.
    pub fn idle_deadline(&self) -> Option<Timestamp> {
        self.idle_deadline
    }

    /// Returns the new deadlines.
    pub fn deadlines(&self) -> Option<Deadlines> {
        self.deadlines
    }

    /// Returns the new handle id and creation time.
    pub fn identity(&self) -> Option<(HandleId, Timestamp)> {
        self.identity
    }

    /// Returns the new time of authentication.
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.authenticated_at
    }

    /// Applies the patch to the metadata of a record.
    pub fn meta(&self, mut meta: Meta) -> Meta {
        if let Some((id, created_at)) = self.identity {
            (meta.id, meta.created_at, meta.authenticated_at) = (id, created_at, None);
        }
        meta.authenticated_at = self.authenticated_at.or(meta.authenticated_at);
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

    /// Returns an upper bound for the number of bytes by which the patch makes a record larger.
    pub fn size(&self) -> usize {
        let fields = self.changes.iter().map(|(name, change)| name.len() + change.size() + 2 * MAX_VARINT);
        fields.sum::<usize>() + self.authenticated_at.map_or(0, |_| TIMESTAMP)
    }
}
