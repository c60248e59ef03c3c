//! The store contract.

use std::fmt;
use std::sync::Arc;

use session_core::{
    Cursor, HandleId, Page, Patch, Record, Store, StoreError, StoreKey, Timestamp, Token, TokenSource,
    Written,
};

use crate::builder::RedisStoreBuilder;
use crate::index::{Horizon, Writing, reach};
use crate::key::{Key, Prefix, mint_beside};
use crate::layout::{expiry, put_index, put_joins, put_patch, put_record, read_record};
use crate::outcome::{Outcome, corrupt};
use crate::script::{CREATE, DESTROY, WRITE};
use crate::sealing::Sealing;
use crate::server::{ConfigError, Server};
use crate::servers::{Repeat, Servers, Topology};

/// How many tokens are minted at most to find a free one.
const TRIES: u32 = 8;

/// Keeps sessions in Redis (7.0 or later) or Valkey. Clones share their connections.
///
/// See the [crate's documentation](crate) for what it asks of the server and what it promises.
///
/// ```no_run
/// use session_redis::RedisStore;
///
/// let store = RedisStore::new("redis://127.0.0.1:6379")?;
/// # Ok::<_, session_redis::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct RedisStore(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) servers: Servers,
    pub(crate) prefix: Prefix,
    pub(crate) tokens: TokenSource,
    pub(crate) sealing: Sealing,
    pub(crate) horizon: Horizon,
}

impl RedisStore {
    /// A store on this server, with default settings. Nothing is connected to before its first call.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] when the URL is none.
    pub fn new(server: impl Into<Server>) -> Result<Self, ConfigError> {
        Self::builder(server).build()
    }

    /// A store on this server, with settings of its own.
    pub fn builder(server: impl Into<Server>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(server.into())
    }
}

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
        let mut cmd = redis::cmd("HGETALL");
        cmd.arg(&key.name);
        let answer = self.0.servers.ask(&key, &cmd, self.0.servers.until()).await?;
        let record = read_record(&answer, &key, &self.0.sealing).map_err(corrupt)?;
        Ok(record.filter(|record| record.is_live(now)).inspect(|record| self.0.horizon.see(record, now)))
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.0.horizon.see(record, now);
        for _ in 0..TRIES {
            let token = self.0.tokens.mint()?;
            let Some(key) = token.store_key() else { continue };
            let key = self.0.prefix.key(&key);
            let writing = Writing {
                script: &CREATE,
                key: &key,
                to: &key,
                reach: Some(reach(record, now)),
                now,
                // Done twice, it finds its own key taken, and a second session that nobody knows is left to expire.
                repeat: Repeat::Safe,
            };
            let created = self.0.write_indexed(&writing, self.0.joins_of_record(record), |joins, _| {
                let mut cmd = self.0.servers.version(&CREATE).on(&[&key.name]);
                cmd.arg(expiry(&record.meta()));
                put_joins(&mut cmd, joins);
                put_record(&mut cmd, record, &key, &self.0.sealing);
                cmd
            });
            if created.await? == Outcome::Done {
                return Ok(token);
            }
        }
        Err(StoreError::NoFreeToken)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        let Some(key) = token.store_key() else { return Ok(Written::Gone) };
        let key = self.0.prefix.key(&key);
        #[cfg(feature = "seal")]
        if self.0.is_sealed() {
            return self.0.update_sealed(&key, patch, now).await;
        }
        self.0.write(&key, None, patch, now).await?.kept()
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        self.update(token, &Patch::new().touch(idle_deadline), now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        let Some(old) = token.store_key() else { return Ok(Written::Gone) };
        #[cfg(feature = "seal")]
        if self.0.is_sealed() {
            return self.0.renew_sealed(&old, patch, now).await;
        }
        let key = self.0.prefix.key(&old);
        for _ in 0..TRIES {
            let fresh = self.0.mint_for_renewal(&old).await?;
            let Some(new) = fresh.store_key() else { continue };
            match self.0.write(&key, Some(&self.0.prefix.key(&new)), patch, now).await? {
                Outcome::Done => return Ok(Written::Moved(fresh)),
                Outcome::Taken => {}
                outcome => return outcome.kept(),
            }
        }
        Err(StoreError::NoFreeToken)
    }

    async fn destroy(&self, token: &Token) -> Result<(), StoreError> {
        let Some(key) = token.store_key() else { return Ok(()) };
        let key = self.0.prefix.key(&key);
        let cmd = self.0.servers.version(&DESTROY).on(&[&key.name]);
        let until = self.0.servers.until();
        let answer = self.0.servers.run(&DESTROY, &key, &cmd, Repeat::Safe, until).await?;
        if let Outcome::Left(left) = Outcome::of(&answer)? {
            self.0.forget(&left, until).await;
        }
        Ok(())
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.count(now).await
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        self.0.list(after, limit, now).await
    }

    async fn find_by(&self, name: &str, value: &[u8], now: Timestamp) -> Result<Vec<Record>, StoreError> {
        self.0.find_by(name, value, now).await
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.0.destroy_by(name, value, except, now).await
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        self.0.clear().await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.sweep(now).await
    }
}

impl Inner {
    /// Applies a patch, and moves the session to `fresh` if there is one.
    pub(crate) async fn write(
        &self,
        key: &Key,
        fresh: Option<&Key>,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let keys: Vec<_> = [Some(key), fresh].into_iter().flatten().map(|key| key.name.as_str()).collect();
        let only_touches = !patch.changes_fields() && patch.limits().is_none() && fresh.is_none();
        let writing = Writing {
            script: &WRITE,
            key,
            to: fresh.unwrap_or(key),
            reach: None,
            now,
            repeat: if only_touches { Repeat::Safe } else { Repeat::Unsafe },
        };
        self.write_indexed(&writing, self.joins_of_patch(patch), |joins, unreached| {
            let mut cmd = self.servers.version(&WRITE).on(&keys);
            put_patch(&mut cmd, patch, now, key, &self.sealing);
            put_index(&mut cmd, joins, unreached);
            cmd
        })
        .await
    }

    pub(crate) async fn mint_for_renewal(&self, old: &StoreKey) -> Result<Token, StoreError> {
        match &self.servers.topology {
            Topology::One(_) => self.tokens.mint(),
            Topology::Cluster(_) => mint_beside(old, &self.tokens).await,
        }
    }
}
