//! Two shards locked at once.

use std::sync::MutexGuard;

use super::key::Key;
use super::sessions::Sessions;
use super::shard::Shard;

/// The shards of two keys, locked in the order of their numbers, so that concurrent renewals do not deadlock.
pub(super) struct ShardPair<'a> {
    lower: MutexGuard<'a, Shard>,
    /// `None` if both keys are in one shard.
    upper: Option<MutexGuard<'a, Shard>>,
    source_is_upper: bool,
}

impl<'a> ShardPair<'a> {
    pub(super) fn lock(sessions: &'a Sessions, source: Key, target: Key) -> Self {
        let (source, target) = (sessions.shard_of(source), sessions.shard_of(target));
        let lower = sessions.lock(source.min(target));
        let upper = (source != target).then(|| sessions.lock(source.max(target)));
        Self { lower, upper, source_is_upper: source > target }
    }

    pub(super) fn source(&mut self) -> &mut Shard {
        match &mut self.upper {
            Some(upper) if self.source_is_upper => upper,
            _ => &mut self.lower,
        }
    }

    pub(super) fn target(&mut self) -> &mut Shard {
        match &mut self.upper {
            Some(upper) if !self.source_is_upper => upper,
            _ => &mut self.lower,
        }
    }
}
