//! What becomes of a seal when servers remember what was ended.

use std::fmt;
use std::time::Duration;

use session_core::{Floor, HandleId, Record, Revocations, StoreError, StoreKey, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::builder::MAX_SKEW;
use crate::contents::Contents;

/// How old the seal of a session in a group may get: browsers keep no cookie for longer.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Generations count writes in their low half and renewals in their high half.
const RENEWAL: u64 = 1 << 32;

const SESSION: &[u8] = b"session-cookie/v1 session";
const GROUP: &[u8] = b"session-cookie/v1 group";
const LAST_END: &[u8] = b"session-cookie/v1 last end";
const EXCEPTION: &[u8] = b"session-cookie/v1 exception";
/// From how many ends in a row a session may be excepted without being written or touched in between.
const MOST_EXCEPTIONS: usize = 16;

pub(crate) struct Revocable {
    list: Box<dyn Revocations>,
    overlap: Duration,
    /// The one field whose values are groups; all indexed ones unless set.
    group: Option<String>,
    /// Applications that share the list have groups of their own.
    context: String,
}

/// The generation of the seal after a write.
pub(crate) fn after_write(generation: u64) -> u64 {
    generation.saturating_add(1).min(u64::MAX - 1)
}

/// The generation of the seal after a renewal: far enough to leave every seal made meanwhile behind.
pub(crate) fn after_renewal(generation: u64) -> u64 {
    (generation | (RENEWAL - 1)).saturating_add(1).min(u64::MAX - 1)
}

impl Revocable {
    pub(crate) fn new(
        list: impl Revocations,
        overlap: Duration,
        group: Option<String>,
        context: String,
    ) -> Self {
        Self { list: Box::new(list), overlap, group, context }
    }

    /// The epoch of the session from now on; `None` when it or a group of it was ended, or this seal outdated. One lookup,
    /// but for a session that was excepted when its group was ended.
    pub(crate) async fn admits(
        &self,
        contents: &Contents,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let record = &contents.record;
        let groups = self.groups_of(record);
        let session = session_name(record.meta().id);
        let names: Vec<StoreKey> = [session].into_iter().chain(groups.iter().copied()).collect();
        let floors = self.floors(&names, now).await?;
        match floors.split_first() {
            Some((floor, ends)) if self.is_above(contents.generation, *floor, now) => {
                self.belongs(contents, &groups, ends, now).await
            }
            _ => Ok(None),
        }
    }

    /// Outdates the seals before generation `to`, unless `contents` is outdated itself: `false`, and nothing changed.
    pub(crate) async fn advance(
        &self,
        contents: &Contents,
        to: u64,
        horizon: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let name = session_name(contents.record.meta().id);
        let before = self.list.raise(name, to, until(horizon), now).await?;
        Ok(self.is_above(contents.generation, before, now))
    }

    /// Ends a session for good.
    pub(crate) async fn end(&self, contents: &Contents) -> Result<(), StoreError> {
        let name = session_name(contents.record.meta().id);
        self.list.raise(name, u64::MAX, until(contents.horizon), contents.sealed_at).await.map(drop)
    }

    /// Ends the sessions of a group that this field and value name, but the one of the handle id `except`.
    ///
    /// Each end gives the group a floor above all that there were, of any group: so it is above the epoch of every session
    /// there is, and the exception from one end is none from another. The exception is noted last; when that fails, no
    /// session is excepted.
    pub(crate) async fn end_group(
        &self,
        field: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.group.as_deref().is_some_and(|group| group != field) {
            return Err(StoreError::Unsupported("destroy_by"));
        }
        let group = self.group_name(field, value);
        let until = now.after(LONGEST + MAX_SKEW);
        // A session may have joined under a clock that is ahead of this one.
        let mut floor = now.after(MAX_SKEW + Duration::from_millis(1)).as_millis();
        loop {
            let last = self.list.raise(last_end(), floor, until, now).await?.value;
            if last >= floor {
                floor = last.saturating_add(1);
                continue;
            }
            let before = self.list.raise(group, floor, until, now).await?.value;
            if before < floor {
                if let Some(id) = except {
                    self.list.raise(exception_name(group, id, floor), before + 1, until, now).await?;
                }
                return Ok(());
            }
            floor = before.saturating_add(1);
        }
    }

    /// The epoch of the session that was `before` and becomes `after`; `None` when a group that it was in has ended. Asks
    /// nothing of sessions without a group.
    pub(crate) async fn epoch(
        &self,
        before: Option<&Contents>,
        after: &Record,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let left = before.map(|before| self.groups_of(&before.record)).unwrap_or_default();
        let mut joined = self.groups_of(after);
        joined.retain(|group| !left.contains(group));
        if left.is_empty() && joined.is_empty() {
            return Ok(Some(before.map_or(now.as_millis(), |before| before.epoch)));
        }
        let names: Vec<StoreKey> = left.iter().chain(&joined).copied().collect();
        let floors = self.floors(&names, now).await?;
        let (old, new) = floors.split_at(left.len());
        let mut epoch = 0;
        if let Some(before) = before {
            match self.belongs(before, &left, old, now).await? {
                Some(admitted) => epoch = admitted,
                None => return Ok(None),
            }
        }
        if !joined.is_empty() {
            epoch = new.iter().map(|floor| floor.value).fold(epoch.max(now.as_millis()), u64::max);
        }
        Ok(Some(epoch))
    }

    /// The epoch of a session from now on, if it was not ended with one of these groups, whose floors these are.
    async fn belongs(
        &self,
        contents: &Contents,
        groups: &[StoreKey],
        floors: &[Floor],
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        if !groups.is_empty() && now >= contents.sealed_at.after(LONGEST) {
            return Ok(None);
        }
        let mut epoch = contents.epoch;
        for (group, floor) in groups.iter().zip(floors) {
            if !self.survived(contents, *group, floor.value, now).await? {
                return Ok(None);
            }
            epoch = epoch.max(floor.value);
        }
        Ok(Some(epoch))
    }

    /// Whether a session joined the group after `end`, or was excepted from that and from each end since it joined.
    async fn survived(
        &self,
        contents: &Contents,
        group: StoreKey,
        mut end: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = contents.record.meta().id;
        for _ in 0..MOST_EXCEPTIONS {
            if contents.epoch >= end {
                return Ok(true);
            }
            let noted = self.floors(&[exception_name(group, id, end)], now).await?;
            match noted.first().and_then(|noted| noted.value.checked_sub(1)) {
                Some(before) => end = before,
                None => return Ok(false),
            }
        }
        Ok(contents.epoch >= end)
    }

    /// Looks up a name that nothing has.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.floors(&[session_name(HandleId::random()?)], Timestamp::from_millis(0)).await.map(drop)
    }

    /// One floor for each name: a list that answers fewer must not let anything pass.
    async fn floors(&self, names: &[StoreKey], now: Timestamp) -> Result<Vec<Floor>, StoreError> {
        let floors = self.list.floors(names, now).await?;
        if floors.len() == names.len() {
            Ok(floors)
        } else {
            Err(StoreError::Unavailable("the revocation list did not answer one floor for each name".into()))
        }
    }

    fn is_above(&self, generation: u64, floor: Floor, now: Timestamp) -> bool {
        let is_previous = generation.checked_add(1) == Some(floor.value) && floor.value != u64::MAX;
        generation >= floor.value || (is_previous && now < floor.since.after(self.overlap))
    }

    fn group_name(&self, field: &str, value: &[u8]) -> StoreKey {
        let mut hash = Sha256::new().chain_update(GROUP);
        for part in [self.context.as_bytes(), field.as_bytes()] {
            hash = hash.chain_update((part.len() as u64).to_le_bytes()).chain_update(part);
        }
        let hash: [u8; 32] = hash.chain_update(value).finalize().into();
        hash.into()
    }

    /// The groups that a session is in: its indexed fields, unless one field was named.
    fn groups_of(&self, record: &Record) -> Vec<StoreKey> {
        match &self.group {
            Some(field) => record.get(field).map(|value| self.group_name(field, value)).into_iter().collect(),
            None => record.indexed().map(|(field, value)| self.group_name(field, value)).collect(),
        }
    }
}

impl fmt::Debug for Revocable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocable")
            .field("overlap", &self.overlap)
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// When the last node will have seen the horizon pass.
fn until(horizon: Timestamp) -> Timestamp {
    horizon.after(MAX_SKEW)
}

fn session_name(id: HandleId) -> StoreKey {
    let hash: [u8; 32] = Sha256::new().chain_update(SESSION).chain_update(id.as_bytes()).finalize().into();
    hash.into()
}

/// Where the highest floor that any group was given is noted.
fn last_end() -> StoreKey {
    let hash: [u8; 32] = Sha256::digest(LAST_END).into();
    hash.into()
}

/// Where it is noted that a session was excepted when its group came to this floor: the floor before, plus one.
fn exception_name(group: StoreKey, id: HandleId, floor: u64) -> StoreKey {
    let hash = Sha256::new().chain_update(EXCEPTION).chain_update(group.as_bytes());
    let hash: [u8; 32] = hash.chain_update(id.as_bytes()).chain_update(floor.to_le_bytes()).finalize().into();
    hash.into()
}
