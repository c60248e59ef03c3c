//! Entries in lists of sessions.

use std::fmt;

use session_core::{Cursor, Meta};

use crate::databag::Databag;
use crate::session::Session;

/// A stored session in a list: a copy of its meta and of some fields.
pub struct SessionInfo<T: Databag> {
    /// Handle id, time of creation, last use and authentication, and deadlines.
    pub meta: Meta,
    /// The fields marked `principal`, `index` or `label` that are not secret: a struct with them under their names.
    pub labels: T::Labels,
}

impl<T: Databag> SessionInfo<T> {
    /// Whether it is the session of this handle, according to the last state of the handle.
    pub fn is_current(&self, session: &Session<T>) -> bool {
        session.id() == Some(self.meta.id)
    }
}

impl<T: Databag> fmt::Debug for SessionInfo<T> {
    /// Prints the meta, not the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionInfo").field("meta", &self.meta).finish_non_exhaustive()
    }
}

/// A page of a list of all sessions, as returned by [`SessionManager::list`](crate::SessionManager::list).
pub struct SessionPage<T: Databag> {
    /// The sessions of this page: none where the store found none in this part of its list.
    pub sessions: Vec<SessionInfo<T>>,
    /// Where the next page starts; `None` on the last page.
    pub next: Option<Cursor>,
}

impl<T: Databag> fmt::Debug for SessionPage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionPage").field("sessions", &self.sessions).field("next", &self.next).finish()
    }
}
