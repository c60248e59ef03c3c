//! Decides whether a session limit allows another session, and which sessions make room for it.

use session_core::{Evict, HandleId, SessionLimit};

/// A session that holds the value of a limit.
pub(crate) struct Holder {
    pub(crate) session: i64,
    /// `None` if it cannot be read.
    pub(crate) handle_id: Option<HandleId>,
    pub(crate) is_live: bool,
}

/// Returns the sessions to destroy before one more takes the value, or `None` if there is no room for it.
///
/// `holders` are the other sessions with the value, in the order in which they took it. Expired ones are always
/// destroyed: they may be live on another clock.
pub(crate) fn make_room(holders: Vec<Holder>, limit: SessionLimit<'_>) -> Option<Vec<Holder>> {
    let live = holders.iter().filter(|holder| holder.is_live).count();
    let mut excess = (live + 1).saturating_sub(limit.max.get());
    if excess > 0 && limit.on_full == Evict::Reject {
        return None;
    }
    let is_evicted = |holder: &Holder| {
        let is_oldest = holder.is_live && excess > 0;
        excess -= usize::from(is_oldest);
        is_oldest || !holder.is_live
    };
    Some(holders.into_iter().filter(is_evicted).collect())
}

/// Returns the handle ids of the live sessions among those destroyed.
#[cfg(feature = "sqlite")]
pub(crate) fn evicted_ids(destroyed: &[Holder]) -> Vec<HandleId> {
    destroyed.iter().filter(|holder| holder.is_live).filter_map(|holder| holder.handle_id).collect()
}
