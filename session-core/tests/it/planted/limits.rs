//! Writes of the store under a limit.

use session_core::{
    Evict, HandleId, Limited, Patch, Record, SessionLimit, StoreError, Timestamp, Token, WriteOutcome,
};

use super::Mistake;
use super::database::Key;
use super::store::TableStore;

impl TableStore {
    pub(super) async fn create_within(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        let early = self.has(Mistake::LimitsCountBeforeTheTransaction);
        let early = if early { Some(self.excess(limit, None, now).await?) } else { None };
        let _transaction = self.begin(&[]).await;
        let excess = match early {
            Some(excess) => excess,
            None => self.excess(limit, None, now).await?,
        };
        let Some(excess) = excess else { return Ok(None.into()) };
        let token = self.insert(record, None).await?;
        Ok(Limited { result: Some(token), evicted: self.evict(excess).await? })
    }

    pub(super) async fn renew_within(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        let Some(key) = self.key(token) else { return Ok(WriteOutcome::Gone.into()) };
        let found = self.read_live(&key, now).await?;
        let holds = found.is_some_and(|record| record.get(limit.name) == Some(limit.value));
        let forgotten: &[_] = if holds { &[Mistake::HoldersSignInWithoutATransaction] } else { &[] };
        let _transaction = self.begin(forgotten).await;
        let Some(record) = self.read_live(&key, now).await? else { return Ok(WriteOutcome::Gone.into()) };
        if record.get(limit.name) == Some(limit.value) {
            if self.has(Mistake::HoldersCountThemselves) {
                let excess = self.excess(limit, None, now).await?;
                let Some(excess) = excess else { return Ok(WriteOutcome::LimitReached.into()) };
                let evicted = self.evict(excess).await?;
                return Ok(Limited { result: self.renew_in_transaction(&key, patch, now).await?, evicted });
            }
            if self.has(Mistake::HoldersSignInWithoutATransaction)
                && let Ok(patched) = record.apply(patch)
            {
                return Ok(WriteOutcome::NewToken(self.insert(&patched, Some(&key)).await?).into());
            }
            return Ok(self.renew_in_transaction(&key, patch, now).await?.into());
        }
        let Some(excess) = self.excess(limit, Some(&key), now).await? else {
            return Ok(WriteOutcome::LimitReached.into());
        };
        let result = self.renew_in_transaction(&key, patch, now).await?;
        let evicted = match result {
            WriteOutcome::NewToken(_) => self.evict(excess).await?,
            _ => Vec::new(),
        };
        Ok(Limited { result, evicted })
    }

    /// Returns the sessions to evict for another one, or `None` if it is refused.
    async fn excess(
        &self,
        limit: SessionLimit<'_>,
        own: Option<&Key>,
        now: Timestamp,
    ) -> Result<Option<Vec<(Key, HandleId)>>, StoreError> {
        self.execute(|tables| {
            let mut holders = self.live_holders(tables, limit.name, limit.value, now);
            if self.has(Mistake::DestroyLeavesTheIndex) || self.has(Mistake::LimitsCountExpired) {
                let since =
                    if self.has(Mistake::LimitsCountExpired) { Timestamp::from_millis(0) } else { now };
                let nobody = HandleId::from([0; 16]);
                let id = |key: &Key| Self::record_of(tables, key).map_or(nobody, |record| record.meta().id);
                let entries = self.holders(tables, limit.name, limit.value, since).into_iter();
                holders = entries.map(|key| (key.clone(), id(&key))).collect();
            }
            holders.retain(|(key, _)| Some(key) != own);
            let excess = (holders.len() + 1).saturating_sub(limit.max.get());
            if excess > 0 && limit.on_full == Evict::Reject {
                return None;
            }
            holders.truncate(excess);
            Some(holders)
        })
        .await
    }

    async fn evict(&self, sessions: Vec<(Key, HandleId)>) -> Result<Vec<HandleId>, StoreError> {
        self.execute(|tables| {
            let evicted = sessions.into_iter().filter(|(key, _)| tables.remove(key).is_some());
            evicted.map(|(_, id)| id).collect()
        })
        .await
    }
}
