//! The store contract.

use std::fmt;
use std::sync::Arc;

use redis::Value;
use session_core::{
    Cursor, Page, Patch, Record, Store, StoreError, StoreKey, Timestamp, Token, TokenSource, Written,
};

use crate::builder::RedisStoreBuilder;
use crate::failure::Cause;
use crate::key::{Prefix, mint_beside};
use crate::layout::{Damage, field_name, put_patch, put_record, read_record};
use crate::script::{CREATE, WRITE};
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
        let answer = self.0.servers.ask(&key, &cmd).await?;
        let record = read_record(&answer).map_err(corrupt)?;
        Ok(record.filter(|record| record.is_live(now)))
    }

    async fn create(&self, record: &Record, _now: Timestamp) -> Result<Token, StoreError> {
        for _ in 0..TRIES {
            let token = self.0.tokens.mint()?;
            let Some(key) = token.store_key() else { continue };
            let key = self.0.prefix.key(&key);
            let mut cmd = CREATE.on(&[&key.name]);
            put_record(&mut cmd, record);
            // Done twice, it finds its own key taken, and a second session that nobody knows is left to expire.
            let answer = self.0.servers.run(&CREATE, &key, &cmd, Repeat::Safe).await?;
            if Outcome::of(&answer)? == Outcome::Done {
                return Ok(token);
            }
        }
        Err(StoreError::NoFreeToken)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<Written, StoreError> {
        let repeat =
            if patch.changes_fields() || patch.limits().is_some() { Repeat::Unsafe } else { Repeat::Safe };
        let Some(key) = token.store_key() else { return Ok(Written::Gone) };
        let key = self.0.prefix.key(&key);
        let mut cmd = WRITE.on(&[&key.name]);
        put_patch(&mut cmd, patch, now);
        let answer = self.0.servers.run(&WRITE, &key, &cmd, repeat).await?;
        match Outcome::of(&answer)? {
            Outcome::Done => Ok(Written::Kept),
            Outcome::Gone => Ok(Written::Gone),
            Outcome::Conflict(field) => Ok(Written::Conflict(field)),
            Outcome::Taken => Err(unexpected()),
        }
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
        let old_key = self.0.prefix.key(&old);
        for _ in 0..TRIES {
            let fresh = self.mint_for_renewal(&old).await?;
            let Some(new) = fresh.store_key() else { continue };
            let mut cmd = WRITE.on(&[&old_key.name, &self.0.prefix.key(&new).name]);
            put_patch(&mut cmd, patch, now);
            let answer = self.0.servers.run(&WRITE, &old_key, &cmd, Repeat::Unsafe).await?;
            match Outcome::of(&answer)? {
                Outcome::Done => return Ok(Written::Moved(fresh)),
                Outcome::Gone => return Ok(Written::Gone),
                Outcome::Conflict(field) => return Ok(Written::Conflict(field)),
                Outcome::Taken => {}
            }
        }
        Err(StoreError::NoFreeToken)
    }

    async fn destroy(&self, token: &Token) -> Result<(), StoreError> {
        let Some(key) = token.store_key() else { return Ok(()) };
        let key = self.0.prefix.key(&key);
        let mut cmd = redis::cmd("UNLINK");
        cmd.arg(&key.name);
        self.0.servers.ask(&key, &cmd).await?;
        Ok(())
    }

    async fn count(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.count(now).await
    }

    async fn list(&self, after: Option<&Cursor>, limit: usize, now: Timestamp) -> Result<Page, StoreError> {
        self.0.list(after, limit, now).await
    }

    async fn clear(&self) -> Result<u64, StoreError> {
        self.0.clear().await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.0.sweep(now).await
    }
}

impl RedisStore {
    async fn mint_for_renewal(&self, old: &StoreKey) -> Result<Token, StoreError> {
        match &self.0.servers.topology {
            Topology::One(_) => self.0.tokens.mint(),
            Topology::Cluster(_) => mint_beside(old, &self.0.tokens).await,
        }
    }
}

/// What a script answered.
#[derive(PartialEq, Eq)]
enum Outcome {
    Done,
    Gone,
    Taken,
    Conflict(String),
}

impl Outcome {
    fn of(answer: &Value) -> Result<Self, StoreError> {
        match answer {
            Value::Int(1) => Ok(Self::Done),
            Value::Int(0) => Ok(Self::Gone),
            Value::Int(-1) => Ok(Self::Taken),
            Value::Int(-2) => Err(corrupt(Damage::NotASession)),
            Value::BulkString(name) => {
                let name = str::from_utf8(name).ok().and_then(|name| name.strip_prefix(&field_name("")));
                name.map(|name| Self::Conflict(name.to_owned())).ok_or_else(unexpected)
            }
            _ => Err(unexpected()),
        }
    }
}

fn corrupt(damage: Damage) -> StoreError {
    StoreError::Corrupt(damage.into())
}

pub(crate) fn unexpected() -> StoreError {
    StoreError::Unavailable(Cause::new("the server answered something else than was asked").into())
}
