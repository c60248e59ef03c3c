//! Writes under a limit to the number of sessions of one value.

use session_core::{
    Evict, HandleId, Limited, Patch, Record, SessionLimit, StoreError, Timestamp, Token, WriteOutcome,
};

use super::filter::HandleFilter;
use super::sessions::Sessions;

/// Writes with the same value run one at a time, so that the number of its sessions only falls between count and write.
impl Sessions {
    pub(super) fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        let _lock = self.index.lock_limit((limit.name, limit.value));
        let id = record.meta().id;
        if self.rejects(limit, id, now) {
            return Ok(None.into());
        }
        let result = Some(self.create(record, now)?);
        Ok(Limited { result, evicted: self.evict_excess(limit, id, now) })
    }

    pub(super) fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        let _lock = self.index.lock_limit((limit.name, limit.value));
        let Some(record) = self.load(token, now) else { return Ok(WriteOutcome::Gone.into()) };
        if record.get(limit.name) == Some(limit.value) {
            return self.renew(token, patch, now).map(Limited::from);
        }
        let id = patch.meta(record.meta()).id;
        if self.rejects(limit, id, now) {
            return Ok(WriteOutcome::LimitReached.into());
        }
        let result = self.renew(token, patch, now)?;
        let evicted = match result {
            WriteOutcome::NewToken(_) => self.evict_excess(limit, id, now),
            _ => Vec::new(),
        };
        Ok(Limited { result, evicted })
    }

    /// Whether the limit rejects a new session.
    fn rejects(&self, limit: SessionLimit<'_>, new: HandleId, now: Timestamp) -> bool {
        limit.on_full == Evict::Reject
            && self.holders((limit.name, limit.value), HandleFilter::Except(new), Some(now)).len()
                >= limit.max.get()
    }

    /// Ends the oldest sessions beyond the limit, except the new one, and returns their handle ids.
    fn evict_excess(&self, limit: SessionLimit<'_>, new: HandleId, now: Timestamp) -> Vec<HandleId> {
        let mut evicted = Vec::new();
        if limit.on_full != Evict::Oldest {
            return evicted;
        }
        let (value, others) = ((limit.name, limit.value), HandleFilter::Except(new));
        loop {
            let mut holders = self.holders(value, others, Some(now));
            let excess = (holders.len() + 1).saturating_sub(limit.max.get());
            if excess == 0 {
                return evicted;
            }
            holders.sort_unstable_by_key(|holder| holder.arrival);
            // A session that is renewed at the same time is found under its new key in the next pass.
            for holder in &holders[..excess] {
                evicted.extend(self.end_if(holder.key, now, |entry| entry.matches(value, others)));
            }
        }
    }
}
