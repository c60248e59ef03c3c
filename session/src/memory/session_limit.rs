//! Writes under a limit to the number of sessions of one value.

use session_core::{
    Evict, HandleId, Patch, Record, SessionLimit, StoreError, Timestamp, Token, WriteOutcome,
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
    ) -> Result<Option<Token>, StoreError> {
        let _lock = self.index.lock_limit((limit.name, limit.value));
        let id = record.meta().id;
        if self.rejects(limit, id, now) {
            return Ok(None);
        }
        let token = self.create(record, now)?;
        self.evict_excess(limit, id, now);
        Ok(Some(token))
    }

    pub(super) fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let _lock = self.index.lock_limit((limit.name, limit.value));
        let Some(record) = self.load(token, now) else { return Ok(WriteOutcome::Gone) };
        if record.get(limit.name) == Some(limit.value) {
            return self.renew(token, patch, now);
        }
        let id = patch.meta(record.meta()).id;
        if self.rejects(limit, id, now) {
            return Ok(WriteOutcome::LimitReached);
        }
        let outcome = self.renew(token, patch, now)?;
        if let WriteOutcome::NewToken(_) = outcome {
            self.evict_excess(limit, id, now);
        }
        Ok(outcome)
    }

    /// Whether the limit rejects a new session.
    fn rejects(&self, limit: SessionLimit<'_>, new: HandleId, now: Timestamp) -> bool {
        limit.on_full == Evict::Reject
            && self.holders((limit.name, limit.value), HandleFilter::Except(new), Some(now)).len()
                >= limit.max.get()
    }

    /// Ends the oldest sessions beyond the limit, except the new one.
    fn evict_excess(&self, limit: SessionLimit<'_>, new: HandleId, now: Timestamp) {
        if limit.on_full != Evict::Oldest {
            return;
        }
        let (value, others) = ((limit.name, limit.value), HandleFilter::Except(new));
        loop {
            let mut holders = self.holders(value, others, Some(now));
            let excess = (holders.len() + 1).saturating_sub(limit.max.get());
            if excess == 0 {
                return;
            }
            holders.sort_unstable_by_key(|holder| holder.arrival);
            // A session that is renewed at the same time is found under its new key in the next pass.
            for holder in &holders[..excess] {
                self.end_if(holder.key, now, |entry| entry.matches(value, others));
            }
        }
    }
}
