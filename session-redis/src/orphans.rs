//! Sessions that a sign-in may have left behind without its caller knowing: the answer was lost, or the caller stopped
//! waiting.
//!
//! Nobody has their tokens, but where only so many sessions may hold a value they count. So the next sign-in with the value
//! ends them first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_core::SessionLimit;

use crate::key::Key;
use crate::store::Inner;

/// How many are remembered. Those that are forgotten end at their deadlines.
const MOST: usize = 1000;

/// Where sessions may be, by the digest of the value that they may hold.
#[derive(Default)]
pub(crate) struct Orphans(Mutex<VecDeque<(String, Key)>>);

/// A session whose write has no known end yet. Dropped unsettled, it is an orphan.
pub(crate) struct Expected<'a> {
    orphans: &'a Orphans,
    place: Option<(String, Key)>,
}

impl Orphans {
    fn take(&self, digest: &str) -> Option<(String, Key)> {
        let mut places = self.lock();
        let at = places.iter().position(|(other, _)| other == digest)?;
        places.remove(at)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Key)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Expected<'_> {
    /// The caller knows what became of it.
    pub(crate) fn settle(mut self) {
        self.place = None;
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            let mut places = self.orphans.lock();
            if places.len() == MOST {
                places.pop_front();
            }
            places.push_back(place);
        }
    }
}

impl Inner {
    /// A session that is about to be written at `key`. Without a limit it does not matter what becomes of it.
    pub(crate) fn expect(&self, limit: Option<SessionLimit<'_>>, key: &Key) -> Expected<'_> {
        let place = limit.map(|limit| (self.sealing.digest(limit.name, limit.value), key.clone()));
        Expected { orphans: &self.orphans, place }
    }

    /// Ends the sessions that earlier sign-ins with the value of a limit may have left behind. Where that fails, the next
    /// sign-in tries again.
    pub(crate) async fn end_orphans(&self, limit: SessionLimit<'_>) {
        if self.orphans.lock().is_empty() {
            return;
        }
        let digest = self.sealing.digest(limit.name, limit.value);
        while let Some(place) = self.orphans.take(&digest) {
            let key = place.1.clone();
            let expected = Expected { orphans: &self.orphans, place: Some(place) };
            if self.destroy(&key).await.is_err() {
                return;
            }
            expected.settle();
        }
    }
}
