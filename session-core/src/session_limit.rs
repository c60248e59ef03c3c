//! How many sessions may hold one value.

use std::fmt;
use std::num::NonZeroUsize;

/// How many live sessions may hold one value of an indexed field, and what makes room for another.
///
/// A session holds the value from the write that gave it to it, whatever its creation says, until it ends, expires or
/// takes another; being renewed keeps its place. `Debug` does not show the value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionLimit<'a> {
    /// The name under which the field is stored.
    pub name: &'a str,
    /// The value, as it is stored.
    pub value: &'a [u8],
    /// How many sessions may hold it.
    pub max: NonZeroUsize,
    /// What becomes of those beyond.
    pub on_full: Evict,
}

/// What makes room for one session more than there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evict {
    /// The end of the session that came to hold the value longest ago.
    Oldest,
    /// Nothing: the new one is refused.
    Reject,
}

impl fmt::Debug for SessionLimit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLimit")
            .field("name", &self.name)
            .field("max", &self.max)
            .field("on_full", &self.on_full)
            .finish_non_exhaustive()
    }
}
