//! What servers remember of sessions that clients hold themselves.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{BoxFuture, StoreError, StoreKey, Timestamp};

/// Remembers, for a name, the number below which whatever bears that name is refused.
///
/// A sealed record is good for as long as it says, whatever happened since. The cookie store gives each a number that
/// grows, and raises the floor of the session to refuse all earlier ones: a floor of [`u64::MAX`] ends the session. A
/// name costs nothing until its floor is raised, and is forgotten when nothing below the floor can live any more.
pub trait Revocations: Send + Sync + 'static {
    /// The floors of these names, in the same order; [`Floor::default`] for a name without one.
    ///
    /// One round trip for all of them.
    ///
    /// # Errors
    ///
    /// When they cannot be told; an outage is never "no floor".
    fn floors<'a>(
        &'a self,
        names: &'a [StoreKey],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Floor>, StoreError>>;

    /// Raises the floor of a name to `to`, unless it is there or higher, and answers what it was before.
    ///
    /// One step, also between processes. Either way the name is remembered until `until`, or longer when an
    /// earlier call said so. `since` becomes `now` when the floor rises, and stays otherwise.
    ///
    /// # Errors
    ///
    /// When it could not be done.
    fn raise(
        &self,
        name: StoreKey,
        to: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Floor, StoreError>>;
}

/// Where the floor of a name lies, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// What is less is refused.
    pub value: u64,
    /// When it rose to this value.
    pub since: Timestamp,
}

impl Default for Floor {
    /// Nothing is less than zero.
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

/// [`Revocations`] in the memory of this process, for an application that runs as one.
///
/// Names that are no longer needed are dropped while others are raised, so memory stays within about twice what
/// is needed. A restart forgets everything: what was ended is good again until its own deadline.
#[derive(Default)]
pub struct MemoryRevocations(Mutex<Names>);

#[derive(Default)]
struct Names {
    entries: HashMap<StoreKey, Entry>,
    /// How many entries there may be before the dead ones are looked for.
    tidy_at: usize,
}

struct Entry {
    floor: Floor,
    until: Timestamp,
}

impl MemoryRevocations {
    /// No floors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many names are remembered.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether no name is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Names {
    const FEW: usize = 1024;

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
        if self.entries.len() >= self.tidy_at.max(Self::FEW) {
            self.entries.retain(|_, entry| now < entry.until);
            self.tidy_at = 2 * self.entries.len();
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
