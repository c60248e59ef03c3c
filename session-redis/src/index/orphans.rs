//! Sessions that a sign-in may have left without its caller knowing, because the reply was lost or the caller cancelled.
//!
//! Their tokens are lost, but they count where the sessions of a value are limited. The next sign-in with the value
//! destroys them first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::key::Key;

/// Maximum number of orphans remembered. Others exist until their deadlines.
const MAX_ORPHANS: usize = 1000;

/// Keys of orphans, with the digest of the value that they may hold.
#[derive(Default)]
pub(crate) struct Orphans(Mutex<VecDeque<(String, Key)>>);

/// A session that is being written. If dropped before its outcome is known, it becomes an orphan.
pub(crate) struct Unconfirmed<'a> {
    orphans: &'a Orphans,
    session: Option<(String, Key)>,
}

impl Orphans {
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Registers a session that is about to be written, with the digest of the limited value that it is to hold.
    /// Without a limit it never becomes an orphan.
    pub(crate) fn unconfirmed(&self, session: Option<(String, Key)>) -> Unconfirmed<'_> {
        Unconfirmed { orphans: self, session }
    }

    /// Removes an orphan of the value with this digest. Unless the result is confirmed, it becomes an orphan again.
    pub(crate) fn take(&self, digest: &str) -> Option<(Key, Unconfirmed<'_>)> {
        let mut orphans = self.lock();
        let at = orphans.iter().position(|(other, _)| other == digest)?;
        let orphan = orphans.remove(at)?;
        Some((orphan.1.clone(), self.unconfirmed(Some(orphan))))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Key)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unconfirmed<'_> {
    /// Records that the outcome is known.
    pub(crate) fn confirm(mut self) {
        self.session = None;
    }
}

impl Drop for Unconfirmed<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let mut orphans = self.orphans.lock();
            if orphans.len() == MAX_ORPHANS {
                orphans.pop_front();
            }
            orphans.push_back(session);
        }
    }
}
