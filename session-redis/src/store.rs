//! `RedisStore` and its implementation of the store contract.

use std::fmt;
use std::sync::Arc;

use redis::Cmd;
use session_core::{
    Capabilities, Cursor, HandleId, Limited, Page, Patch, Record, Refusal, SessionLimit, Store, StoreError,
    Timestamp, Token, WriteOutcome,
};

use crate::index::destroy::Selection;
use crate::inner::Inner;
use crate::record::read_record;

/// Session store in Redis (7.0 or later) or Valkey. Clones share their connections.
///
/// See the [crate's documentation](crate) for its guarantees and for what the server must allow.
///
/// ```no_run
/// use session_redis::RedisStore;
///
/// let store = RedisStore::builder("redis://127.0.0.1:6379").prefix("shop").build()?;
/// # Ok::<_, session_redis::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct RedisStore(pub(crate) Arc<Inner>);

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.0.prefix.as_str()).finish_non_exhaustive()
    }
}

impl Store for RedisStore {
    fn name(&self) -> &'static str {
        "redis"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(key) = token.store_key() else { return Ok(None) };
        let key = self.0.prefix.key(&key);
        let mut cmd = Cmd::with_capacity(2, 256);
        cmd.arg("HGETALL").arg(&key.name);
        let reply = self.0.client.query(&key, &cmd, self.0.client.deadline()).await?;
        let record = read_record(&reply, &key, &self.0.sealing)?;
        Ok(record
            .filter(|record| record.is_live(now))
            .inspect(|record| self.0.horizon.observe(&record.meta())))
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.0.create(record, None, now).await?.result.ok_or(StoreError::NoFreeToken)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let Some(key) = token.store_key() else { return Ok(WriteOutcome::Gone) };
        let key = self.0.prefix.key(&key);
        #[cfg(feature = "seal")]
        if let Some(ring) = &self.0.sealing.ring {
            return Ok(self.0.write_sealed(ring, &key, None, patch, None, now).await?.result);
        }
        self.0.write(&key, None, patch, None, now).await?.result.into_write_outcome()
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.update(token, &Patch::new().touch(idle_deadline), now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        Ok(self.0.renew(token, patch, None, now).await?.result)
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let Some(key) = token.store_key() else { return Ok(false) };
        self.0.destroy(&self.0.prefix.key(&key)).await
    }

    /// Unknown, unless malformed: expired and destroyed sessions leave no data on the server that would distinguish them.
    async fn refusal(&self, token: &Token, _now: Timestamp) -> Refusal {
        if token.store_key().is_none() { Refusal::Malformed } else { Refusal::Unknown }
    }

    /// Pings every primary.
    async fn ping(&self) -> Result<(), StoreError> {
        self.0.client.ping().await
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.count(now).await
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        self.0.list(after, limit, now).await
    }

    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        self.0.find_by(name, value, fields, now).await
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        self.0.destroy_by(name, value, except.map_or(Selection::All, Selection::Except), now).await
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        whose: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match whose {
            Some((name, value)) => {
                Ok(!self.0.destroy_by(name, value, Selection::Only(id), now).await?.is_empty())
            }
            None => self.0.destroy_by_id(id, now).await,
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default().with_session_limits()
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        self.0.create(record, Some(limit), now).await
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        self.0.renew(token, patch, Some(limit), now).await
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        self.0.clear().await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.sweep(now).await
    }
}
