//! Two shards at once.

use std::sync::MutexGuard;

use super::Inner;
use super::shard::{Key, Shard};

/// The shards of two keys, locked in the order of their places, so that no two moves wait for each other.
pub(super) struct Pair<'a> {
    lower: MutexGuard<'a, Shard>,
    /// `None` when it is the same.
    upper: Option<MutexGuard<'a, Shard>>,
    from_upper: bool,
}

impl<'a> Pair<'a> {
    pub(super) fn lock(store: &'a Inner, from: Key, to: Key) -> Self {
        let (from, to) = (store.place(from), store.place(to));
        let lower = store.lock(from.min(to));
        let upper = (from != to).then(|| store.lock(from.max(to)));
        Self { lower, upper, from_upper: from > to }
    }

    pub(super) fn from(&mut self) -> &mut Shard {
        match &mut self.upper {
            Some(upper) if self.from_upper => upper,
            _ => &mut self.lower,
        }
    }

    pub(super) fn to(&mut self) -> &mut Shard {
        match &mut self.upper {
            Some(upper) if !self.from_upper => upper,
            _ => &mut self.lower,
        }
    }
}
