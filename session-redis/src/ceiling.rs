//! How many sessions may hold a value.

use session_core::{Cap, Evict, Timestamp};

use crate::index::Join;
use crate::store::Inner;

/// How many sessions may hold a value that is joined.
#[derive(Clone)]
pub(crate) struct Ceiling {
    pub(crate) most: usize,
    pub(crate) evict: Evict,
    /// When the sessions that count are live.
    pub(crate) now: Timestamp,
    /// What else the index may call the value.
    pub(crate) also: Vec<String>,
    /// Whether there is no room yet, so that only a session that holds the value already is to be written.
    pub(crate) waits: bool,
}

impl Ceiling {
    /// As scripts read it.
    pub(crate) fn policy(&self) -> &'static str {
        match self.evict {
            Evict::Oldest => "oldest",
            Evict::Reject => "reject",
        }
    }
}

impl Inner {
    /// Bounds how many sessions may hold the value of a cap, if it is joined.
    pub(crate) fn bound(&self, joins: &mut [Join], cap: Option<Cap<'_>>, now: Timestamp) {
        let Some(cap) = cap else { return };
        let mut also = self.sealing.digests(cap.name, cap.value);
        let is_capped = |join: &&mut Join| join.name == cap.name && also.contains(&join.digest);
        if let Some(join) = joins.iter_mut().find(is_capped) {
            also.retain(|digest| *digest != join.digest);
            join.ceiling = Some(Ceiling { most: cap.most.get(), evict: cap.evict, now, also, waits: false });
        }
    }
}
