//! The index: finds sessions by the values that they hold, and limits how many may hold one.
//!
//! The script that writes a session updates its index sets too, where these are on the same server. In a cluster they
//! are on other servers, and are updated before the session is written, so that no live session is ever missing. Stale
//! members are detected on lookup, by comparing the value of the session, and pruned.

pub(crate) mod destroy;
pub(crate) mod entry;
pub(crate) mod find;
pub(crate) mod horizon;
pub(crate) mod indexed_write;
pub(crate) mod limit;
pub(crate) mod locate;
pub(crate) mod member;
pub(crate) mod orphans;
pub(crate) mod prune;
pub(crate) mod remote;
