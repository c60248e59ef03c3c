//! Index entries of a write: the values by which the session is found afterwards, as arguments of a script.

use redis::Cmd;
use session_core::value::is_indexed;
use session_core::{Change, Evict, Patch, Record, Timestamp};

use crate::layout::field_name;
use crate::outcome::ReachTooShort;
use crate::seal::Sealing;

/// An indexed value that a write gives the session.
pub(crate) struct Entry {
    /// Name of the databag field.
    pub(crate) name: String,
    pub(crate) digest: String,
    /// Whether the session is a member of the set already.
    pub(crate) is_held: bool,
    /// The time until which the set names the session, once a set elsewhere was updated.
    pub(crate) reach: Option<Timestamp>,
    /// The session's member, once a set elsewhere was updated.
    pub(crate) member: Option<String>,
    /// Number of other members, once a set elsewhere was updated.
    pub(crate) others: usize,
    pub(crate) limit: Option<EntryLimit>,
}

/// Limit of the sessions that may hold the value of an entry.
#[derive(Clone)]
pub(crate) struct EntryLimit {
    pub(crate) max: usize,
    pub(crate) on_full: Evict,
    /// Sessions count that are live at this time.
    pub(crate) now: Timestamp,
    /// Other digests of the value, under keys that sealed it before.
    pub(crate) also: Vec<String>,
}

impl Entry {
    fn new(name: &str, value: &[u8], sealing: &Sealing) -> Option<Self> {
        is_indexed(value).then(|| Self {
            name: name.to_owned(),
            digest: sealing.digest(name, value),
            is_held: false,
            reach: None,
            member: None,
            others: 0,
            limit: None,
        })
    }

    /// Entries of a new session.
    pub(crate) fn of_record(record: &Record, sealing: &Sealing) -> Vec<Self> {
        record.fields().filter_map(|(name, value)| Self::new(name, value, sealing)).collect()
    }

    /// Entries of the values that a patch sets.
    pub(crate) fn of_patch(patch: &Patch, sealing: &Sealing) -> Vec<Self> {
        let entries = patch.changes().filter_map(|(name, change)| match change {
            Change::Set(value) | Change::CompareAndSet { value: Some(value), .. } => {
                Self::new(name, value, sealing)
            }
            _ => None,
        });
        entries.collect()
    }

    /// Whether a field `i` has the entry. Nothing else in there looks like a digest.
    #[cfg(feature = "seal")]
    pub(crate) fn is_in(&self, index: &[u8]) -> bool {
        index.windows(self.digest.len()).any(|part| part == self.digest.as_bytes())
    }

    /// The argument of `membership.add` in `membership.lua`.
    fn to_arg(&self) -> String {
        let mut text = self.digest.clone();
        let mut word = |name: &str, value: &str| text.extend([" ", name, "=", value]);
        if let Some(reach) = self.reach {
            word("reach", &reach.as_millis().to_string());
        }
        if let Some(member) = &self.member {
            word("member", member);
        } else if let Some(limit) = &self.limit {
            let on_full = match limit.on_full {
                Evict::Oldest => "oldest",
                Evict::Reject => "reject",
            };
            word(on_full, &limit.max.to_string());
            word("now", &limit.now.as_millis().to_string());
            if !limit.also.is_empty() {
                word("also", &limit.also.join(","));
            }
        }
        text
    }
}

/// Appends entries as `create.lua` and `update_sealed.lua` take them.
pub(crate) fn put_entries(cmd: &mut Cmd, entries: &[Entry]) {
    for entry in entries {
        cmd.arg(format!("i:{}", field_name(&entry.name))).arg(entry.to_arg());
    }
}

/// Appends entries, and the reach to which index sets were extended, as `update.lua` takes them.
pub(crate) fn put_entry_changes(cmd: &mut Cmd, entries: &[Entry], extended: Option<&ReachTooShort>) {
    for entry in entries {
        cmd.arg("i").arg(field_name(&entry.name)).arg(entry.to_arg());
    }
    if let Some(ReachTooShort { index, reach, .. }) = extended {
        cmd.arg("e").arg(index).arg(reach.as_millis());
    }
}
