//! The revocation list for sessions that clients hold in sealed tokens.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{BoxFuture, StoreError, StoreKey, Timestamp};

/// A revocation list: for each name, the minimum number that is still accepted.
///
/// A sealed record by itself is valid until its deadline, even after it was replaced. The cookie store therefore gives
/// each record an increasing number, and raises the floor of the session to refuse all records with a smaller number.
/// A floor of [`u64::MAX`] ends the session. A name takes no space until its floor is raised, and is removed once
/// all records below the floor have expired.
#[doc(alias = "revocation list")]
#[doc(alias = "blocklist")]
#[doc(alias = "denylist")]
#[doc(alias = "revoke")]
pub trait Revocations: Send + Sync + 'static {
    /// Returns the floors of these names, in the same order. A name without a floor has [`Floor::default`].
    ///
    /// Takes one round trip for all names.
    ///
    /// # Errors
    ///
    /// If the floors cannot be determined: an outage is never "no floor".
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>>;

    /// Raises the floor of a name to `to`, unless it is equal or higher already, and returns the previous floor.
    ///
    /// Atomic, also between processes. In either case the name is kept until `until`, or longer if an earlier call
    /// required it. [`since`](Floor::since) becomes `now` if the floor rises, and is unchanged otherwise.
    ///
    /// # Errors
    ///
    /// If the floor was not raised.
    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>>;
}

/// The minimum number that is accepted for a name of a revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// Smaller numbers are refused.
    pub value: u64,
    /// When the floor was raised to this value.
    pub since: Timestamp,
}

impl Default for Floor {
    /// Returns a floor of zero, which refuses nothing.
    fn default() -> Self {
        Self { value: 0, since: Timestamp::from_millis(0) }
    }
}

impl<R: Revocations + ?Sized> Revocations for Arc<R> {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        (**self).floors(names, now)
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        (**self).raise(name, to, until, now)
    }
}

/// A revocation list in memory, for an application that runs as a single process.
///
/// Expired names are removed when others are raised, so that memory use stays within about twice what is needed. The
/// list is lost on restart: sessions that were ended become valid again until their own deadline.
#[derive(Default)]
pub struct MemoryRevocations(Mutex<Names>);

#[derive(Default)]
struct Names {
    entries: HashMap<StoreKey, Entry>,
    /// The number of entries at which expired ones are removed.
    cleanup_at: usize,
}

struct Entry {
    floor: Floor,
    until: Timestamp,
}

impl MemoryRevocations {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of names in the list.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Names {
    const MIN_CLEANUP: usize = 1024;

    fn floor(&self, name: &StoreKey, now: Timestamp) -> Floor {
        self.entries
            .get(name)
            .filter(|entry| now < entry.until)
            .map_or_else(Floor::default, |entry| entry.floor)
    }

    fn raise(&mut self, name: StoreKey, to: u64, until: Timestamp, now: Timestamp) -> Floor {
        let before = self.floor(&name, now);
        let floor = if to > before.value { Floor { value: to, since: now } } else { before };
        let entry = self.entries.entry(name).or_insert(Entry { floor, until });
        *entry = Entry { floor, until: entry.until.max(until) };
        if self.entries.len() >= self.cleanup_at.max(Self::MIN_CLEANUP) {
            self.entries.retain(|_, entry| now < entry.until);
            self.cleanup_at = 2 * self.entries.len();
        }
        before
    }
}

impl Revocations for MemoryRevocations {
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>> {
        Box::pin(async move {
            let known = self.lock();
            Ok(names.iter().map(|name| known.floor(name, now)).collect())
        })
    }

    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>> {
        Box::pin(async move { Ok(self.lock().raise(name, to, until, now)) })
    }
}

impl fmt::Debug for MemoryRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRevocations").field("names", &self.len()).finish()
    }
}
