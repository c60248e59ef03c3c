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

pub(crate) struct Revocable {
    list: Box<dyn Revocations>,
    overlap: Duration,
    group: Option<String>,
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
    pub(crate) fn new(list: impl Revocations, overlap: Duration, group: Option<String>) -> Self {
        Self { list: Box::new(list), overlap, group }
    }

    /// Whether neither the session nor its group were ended, nor this seal outdated. One lookup.
    pub(crate) async fn admits(&self, contents: &Contents, now: Timestamp) -> Result<bool, StoreError> {
        let record = &contents.record;
        let names: Vec<StoreKey> =
            [session_name(record.meta().id)].into_iter().chain(self.group_of(record)).collect();
        let floors = self.floors(&names, now).await?;
        let group = floors.get(1).is_none_or(|floor| is_in_group(contents, *floor, now));
        Ok(group && floors.first().is_some_and(|floor| self.is_above(contents.generation, *floor, now)))
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

    /// Ends all sessions whose group field has this value.
    pub(crate) async fn end_group(&self, value: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let Some(field) = &self.group else {
            return Err(StoreError::Unsupported("destroy_group"));
        };
        // A session may have joined under a clock that is ahead of this one.
        let floor = now.after(MAX_SKEW + Duration::from_millis(1)).as_millis();
        let until = now.after(LONGEST + MAX_SKEW);
        self.list.raise(group_name(field, value), floor, until, now).await.map(drop)
    }

    /// When the session that was `before` and becomes `after` joined its group; `None` when the group it was in
    /// has ended. Asks nothing of sessions without a group.
    pub(crate) async fn epoch(
        &self,
        before: Option<&Contents>,
        after: &Record,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let left = before.and_then(|before| Some((self.group_of(&before.record)?, before)));
        let joined = self.group_of(after);
        let names: Vec<StoreKey> = left.iter().map(|(name, _)| *name).chain(joined).collect();
        if names.is_empty() {
            return Ok(Some(before.map_or(now.as_millis(), |before| before.epoch)));
        }
        let floors = self.floors(&names, now).await?;
        let floor = |floor: Option<&Floor>| floor.copied().unwrap_or_default();
        match left {
            Some((_, before)) if !is_in_group(before, floor(floors.first()), now) => Ok(None),
            Some((name, before)) if Some(name) == joined => Ok(Some(before.epoch)),
            _ if joined.is_none() => Ok(Some(now.as_millis())),
            _ => Ok(Some(floor(floors.last()).value.max(now.as_millis()))),
        }
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

    fn group_of(&self, record: &Record) -> Option<StoreKey> {
        let field = self.group.as_deref()?;
        Some(group_name(field, record.get(field)?))
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

/// Whether a session has not been ended with its group.
fn is_in_group(contents: &Contents, floor: Floor, now: Timestamp) -> bool {
    contents.epoch >= floor.value && now < contents.sealed_at.after(LONGEST)
}

fn session_name(id: HandleId) -> StoreKey {
    let hash: [u8; 32] = Sha256::new().chain_update(SESSION).chain_update(id.as_bytes()).finalize().into();
    hash.into()
}

fn group_name(field: &str, value: &[u8]) -> StoreKey {
    let length = (field.len() as u64).to_le_bytes();
    let hash = Sha256::new().chain_update(GROUP).chain_update(length).chain_update(field).chain_update(value);
    let hash: [u8; 32] = hash.finalize().into();
    hash.into()
}
