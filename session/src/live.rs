//! What all clones of a handle share.

use std::sync::{Arc, Mutex, PoisonError};

use session_core::{Data, Databag};

use crate::Error;
use crate::engine::Engine;
use crate::hooks::Listeners;
use crate::link::Link;
use crate::plan::{Ask, Origin};
use crate::turn::Turn;

/// One session of one request, behind its handles.
pub(crate) struct Live<T: Databag> {
    pub(crate) engine: Arc<Engine>,
    pub(crate) listeners: Option<Arc<Listeners<T>>>,
    pub(crate) data: Data<T>,
    pub(crate) link: Mutex<Link>,
    /// Held during a commit, so that two never overlap.
    pub(crate) turn: Turn,
    /// The request that the session was loaded from by hand.
    #[cfg(feature = "http")]
    pub(crate) incoming: std::sync::OnceLock<crate::http::Incoming>,
}

impl<T: Databag> Live<T> {
    /// Whether fields differ from what the store last held.
    pub(crate) fn has_changes(&self) -> bool {
        self.data.is_written() && self.data.patch(false).is_ok_and(|patch| patch.changes_fields())
    }
}

impl<T: Databag> Drop for Live<T> {
    /// Says so when changes made after the response were never saved.
    fn drop(&mut self) {
        let link = self.link.get_mut().unwrap_or_else(PoisonError::into_inner);
        let late = link.delivered && !link.left_behind && link.origin != Origin::Gone;
        let asked = link.ask != Ask::Keep;
        if late && (asked || self.has_changes()) {
            self.engine.hooks.error(&Error::Unsaved);
        }
    }
}
