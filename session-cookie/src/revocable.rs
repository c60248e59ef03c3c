//! Revocation of sealed cookies: a lower bound on generations for each session and on joining times for each group.

use std::fmt;
use std::time::Duration;

use session_core::{Floor, HandleId, Record, Revocations, StoreError, StoreKey, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::contents::{Contents, MAX_SKEW};

/// The maximum age of a cookie whose session is in a group: browsers keep no cookie for longer.
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Generations count writes in their low half and renewals in their high half.
const RENEWAL: u64 = 1 << 32;

const SESSION: &[u8] = b"session-cookie/v1 session";
const GROUP: &[u8] = b"session-cookie/v1 group";
const LAST_FLOOR: &[u8] = b"session-cookie/v1 last end";
const EXCEPTION: &[u8] = b"session-cookie/v1 exception";
/// Maximum number of consecutive revocations of its group that a session can be excepted from without a write or touch.
const MAX_EXCEPTIONS: usize = 16;

pub(crate) struct Revocable {
    list: Box<dyn Revocations>,
    overlap: Duration,
    /// The field whose values are groups; every indexed field unless set.
    group: Option<String>,
    /// Separates the groups of applications that share the list.
    context: String,
}

/// Returns the generation after a write.
pub(crate) fn after_write(generation: u64) -> u64 {
    generation.saturating_add(1).min(u64::MAX - 1)
}

/// Returns the generation after a renewal, which is higher than that of any concurrent write.
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

    /// Returns the new `joined_group_at` of a session; `None` when the session or one of its groups was revoked, or a
    /// newer cookie superseded this one.
    ///
    /// One lookup, and one more for each revocation that the session was excepted from.
    pub(crate) async fn check(&self, contents: &Contents, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let record = &contents.record;
        let groups = self.groups_of(record);
        let session = session_name(record.meta().id);
        let names: Vec<StoreKey> = [session].into_iter().chain(groups.iter().copied()).collect();
        let floors = self.floors(&names, now).await?;
        match floors.split_first() {
            Some((floor, group_floors)) if self.is_current(contents.generation, *floor, now) => {
                self.check_groups(contents, &groups, group_floors, now).await
            }
            _ => Ok(None),
        }
    }

    /// Supersedes the cookies of a session before `generation`. Returns `false`, and changes nothing, when `contents`
    /// was superseded itself.
    pub(crate) async fn supersede(
        &self,
        contents: &Contents,
        generation: u64,
        max_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let name = session_name(contents.record.meta().id);
        let before = self.list.raise(name, generation, expires_at(max_deadline), now).await?;
        Ok(self.is_current(contents.generation, before, now))
    }

    /// Revokes a session.
    pub(crate) async fn revoke(&self, contents: &Contents) -> Result<(), StoreError> {
        let name = session_name(contents.record.meta().id);
        let until = expires_at(contents.max_deadline);
        self.list.raise(name, u64::MAX, until, contents.sealed_at).await.map(drop)
    }

    /// Revokes the sessions in the group of this field and value, except the session with the handle id `except`.
    ///
    /// Each revocation gives the group a floor above those of all groups, hence above the `joined_group_at` of every
    /// session, so that an exception holds for one revocation only. The exception is recorded last: when that fails, no
    /// session is excepted.
    pub(crate) async fn revoke_group(
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
        let until = now.after(MAX_AGE + MAX_SKEW);
        // A session may have joined under a clock that is ahead of this one.
        let mut floor = now.after(MAX_SKEW + Duration::from_millis(1)).as_millis();
        loop {
            let last = self.list.raise(last_floor_name(), floor, until, now).await?.value;
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

    /// Returns the `joined_group_at` of a session after a write that turns `before` into `after`; `None` when a group
    /// that it was in was revoked. Sessions without groups need no lookup.
    pub(crate) async fn join_groups(
        &self,
        before: Option<&Contents>,
        after: &Record,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let current = before.map(|before| self.groups_of(&before.record)).unwrap_or_default();
        let mut joined = self.groups_of(after);
        joined.retain(|group| !current.contains(group));
        if current.is_empty() && joined.is_empty() {
            return Ok(Some(before.map_or(now.as_millis(), |before| before.joined_group_at)));
        }
        let names: Vec<StoreKey> = current.iter().chain(&joined).copied().collect();
        let floors = self.floors(&names, now).await?;
        let (current_floors, joined_floors) = floors.split_at(current.len());
        let mut joined_group_at = 0;
        if let Some(before) = before {
            match self.check_groups(before, &current, current_floors, now).await? {
                Some(checked) => joined_group_at = checked,
                None => return Ok(None),
            }
        }
        if !joined.is_empty() {
            let earliest = joined_group_at.max(now.as_millis());
            joined_group_at = joined_floors.iter().map(|floor| floor.value).fold(earliest, u64::max);
        }
        Ok(Some(joined_group_at))
    }

    /// Returns the new `joined_group_at` of a session in these groups, `None` when one of them was revoked. `floors` are
    /// those of the groups, in the same order.
    async fn check_groups(
        &self,
        contents: &Contents,
        groups: &[StoreKey],
        floors: &[Floor],
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        if !groups.is_empty() && has_aged_out(contents, now) {
            return Ok(None);
        }
        let mut joined_group_at = contents.joined_group_at;
        for (group, floor) in groups.iter().zip(floors) {
            if !self.is_member(contents, *group, floor.value, now).await? {
                return Ok(None);
            }
            joined_group_at = joined_group_at.max(floor.value);
        }
        Ok(Some(joined_group_at))
    }

    /// Whether a session joined the group at or after its floor, or was excepted from every revocation since it joined.
    async fn is_member(
        &self,
        contents: &Contents,
        group: StoreKey,
        mut floor: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = contents.record.meta().id;
        for _ in 0..MAX_EXCEPTIONS {
            if contents.joined_group_at >= floor {
                return Ok(true);
            }
            let exception = self.floors(&[exception_name(group, id, floor)], now).await?;
            match exception.first().and_then(|exception| exception.value.checked_sub(1)) {
                Some(before) => floor = before,
                None => return Ok(false),
            }
        }
        Ok(contents.joined_group_at >= floor)
    }

    /// Looks up a random name, to check that the list can be reached.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.floors(&[session_name(HandleId::random()?)], Timestamp::from_millis(0)).await.map(drop)
    }

    /// Looks up one floor for each name. A list that returns fewer is an error, because a missing floor would admit
    /// revoked sessions.
    async fn floors(&self, names: &[StoreKey], now: Timestamp) -> Result<Vec<Floor>, StoreError> {
        let floors = self.list.floors(names, now).await?;
        if floors.len() == names.len() {
            Ok(floors)
        } else {
            Err(StoreError::Unavailable("the revocation list did not return one floor for each name".into()))
        }
    }

    /// Whether a generation is at or above the floor, or one below it within the overlap.
    fn is_current(&self, generation: u64, floor: Floor, now: Timestamp) -> bool {
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

    /// Returns the names of the groups that a session is in: one for each indexed field, or for the one field set by
    /// `grouped_by`.
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

/// Whether a cookie is older than browsers keep one, at which age a session in a group ends.
pub(crate) fn has_aged_out(contents: &Contents, now: Timestamp) -> bool {
    now >= contents.sealed_at.after(MAX_AGE)
}

/// Returns when an entry about a session may be forgotten: its deadline has passed on every node.
fn expires_at(max_deadline: Timestamp) -> Timestamp {
    max_deadline.after(MAX_SKEW)
}

fn session_name(id: HandleId) -> StoreKey {
    let hash: [u8; 32] = Sha256::new().chain_update(SESSION).chain_update(id.as_bytes()).finalize().into();
    hash.into()
}

/// Returns the name of the highest floor that any group was given.
fn last_floor_name() -> StoreKey {
    let hash: [u8; 32] = Sha256::digest(LAST_FLOOR).into();
    hash.into()
}

/// Returns the name of a session's exception from the revocation that gave its group this floor. Its value is the
/// group's previous floor plus one.
fn exception_name(group: StoreKey, id: HandleId, floor: u64) -> StoreKey {
    let hash = Sha256::new().chain_update(EXCEPTION).chain_update(group.as_bytes());
    let hash: [u8; 32] = hash.chain_update(id.as_bytes()).chain_update(floor.to_le_bytes()).finalize().into();
    hash.into()
}
