//! Writes that leave no more sessions of a value than there may be.

use session_core::{
    Evict, HandleId, Patch, Record, SessionLimit, StoreError, Timestamp, Token, WriteOutcome,
};

use super::holders::Which;
use super::{Inner, key};

/// All of them count behind the value's gate, so what was counted only gets less until it opens.
impl Inner {
    pub(super) fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let _gate = self.index.gate((limit.name, limit.value));
        let id = record.meta().id;
        if self.is_full(limit, id, now) {
            return Ok(None);
        }
        let token = self.create(record, now)?;
        self.make_fit(limit, id, now);
        Ok(Some(token))
    }

    pub(super) fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let _gate = self.index.gate((limit.name, limit.value));
        let Some(record) = self.load(token, now) else { return Ok(WriteOutcome::Gone) };
        if record.get(limit.name) == Some(limit.value) {
            return self.renew(token, patch, now);
        }
        let id = patch.meta(record.meta()).id;
        if self.is_full(limit, id, now) {
            return Ok(WriteOutcome::LimitReached);
        }
        let written = self.renew(token, patch, now)?;
        if let WriteOutcome::NewToken(_) = written {
            self.make_fit(limit, id, now);
        }
        Ok(written)
    }

    fn is_full(&self, limit: SessionLimit<'_>, new: HandleId, now: Timestamp) -> bool {
        limit.on_full == Evict::Reject
            && self.holders((limit.name, limit.value), Which::But(new), now).len() >= limit.max.get()
    }

    fn make_fit(&self, limit: SessionLimit<'_>, new: HandleId, now: Timestamp) {
        if limit.on_full != Evict::Oldest {
            return;
        }
        let held = (limit.name, limit.value);
        loop {
            let mut others = self.holders(held, Which::But(new), now);
            let excess = (others.len() + 1).saturating_sub(limit.max.get());
            if excess == 0 {
                return;
            }
            others.sort_unstable_by_key(|holder| holder.arrival);
            // One that is renewed at this moment has another key the next time.
            for holder in &others[..excess] {
                self.end(holder.key, Some(held), Which::But(new), now);
            }
        }
    }

    fn load(&self, token: &Token, now: Timestamp) -> Option<Record> {
        let key = key(token)?;
        self.lock(self.place(key)).live(key, now).map(|entry| entry.record().clone())
    }
}
