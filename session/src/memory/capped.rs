//! Writes that leave no more sessions of a value than there may be.

use session_core::{Cap, Evict, HandleId, Patch, Record, StoreError, Timestamp, Token, Written};

use super::holders::Which;
use super::{Inner, key};

/// All of them count behind the value's gate, so what was counted only gets less until it opens.
impl Inner {
    pub(super) fn create_within(
        &self,
        record: &Record,
        cap: Cap<'_>,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let _gate = self.index.gate((cap.name, cap.value));
        let id = record.meta().id;
        if self.is_full(cap, id, now) {
            return Ok(None);
        }
        let token = self.create(record, now)?;
        self.make_fit(cap, id, now);
        Ok(Some(token))
    }

    pub(super) fn renew_within(
        &self,
        token: &Token,
        patch: &Patch,
        cap: Cap<'_>,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let _gate = self.index.gate((cap.name, cap.value));
        let Some(record) = self.load(token, now) else { return Ok(Written::Gone) };
        if record.get(cap.name) == Some(cap.value) {
            return self.renew(token, patch, now);
        }
        let id = patch.meta(record.meta()).id;
        if self.is_full(cap, id, now) {
            return Ok(Written::Full);
        }
        let written = self.renew(token, patch, now)?;
        if let Written::Moved(_) = written {
            self.make_fit(cap, id, now);
        }
        Ok(written)
    }

    fn is_full(&self, cap: Cap<'_>, new: HandleId, now: Timestamp) -> bool {
        cap.evict == Evict::Reject
            && self.holders((cap.name, cap.value), Which::But(new), now).len() >= cap.most.get()
    }

    fn make_fit(&self, cap: Cap<'_>, new: HandleId, now: Timestamp) {
        if cap.evict != Evict::Oldest {
            return;
        }
        let held = (cap.name, cap.value);
        loop {
            let mut others = self.holders(held, Which::But(new), now);
            let excess = (others.len() + 1).saturating_sub(cap.most.get());
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
