//! Builder of a store.

use std::sync::Arc;
use std::time::Duration;

use session_core::TokenSource;
#[cfg(feature = "seal")]
use session_core::seal::{SealKey, SealRing};

use crate::client::address::{ConfigError, Server};
use crate::client::send::Client;
use crate::client::settings::{Settings, WhileDisconnected};
use crate::index::horizon::Horizon;
use crate::index::orphans::Orphans;
use crate::inner::Inner;
use crate::key::Prefix;
use crate::seal::Sealing;
#[cfg(feature = "seal")]
use crate::seal::{PURPOSE, write_lock::WriteLocks};
use crate::store::RedisStore;

impl RedisStore {
    /// Creates a store on this server, with default settings. Connects on its first call.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the URL is invalid.
    pub fn new(server: impl Into<Server>) -> Result<Self, ConfigError> {
        Self::builder(server).build()
    }

    /// Returns a builder for a store on this server.
    pub fn builder(server: impl Into<Server>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(server.into())
    }
}

/// Settings of a [`RedisStore`].
///
/// ```
/// use session_redis::{RedisStore, WhileDisconnected};
/// use std::time::Duration;
///
/// let store = RedisStore::builder("redis://127.0.0.1:6379")
///     .prefix("shop")
///     .response_timeout(Duration::from_millis(500))
///     .while_disconnected(WhileDisconnected::Wait)
///     .build()?;
/// # Ok::<_, session_redis::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct RedisStoreBuilder {
    server: Server,
    prefix: String,
    settings: Settings,
    tokens: TokenSource,
    sealing: Sealing,
}

impl RedisStoreBuilder {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            server,
            prefix: "session".to_owned(),
            settings: Settings::default(),
            tokens: TokenSource::default(),
            sealing: Sealing::default(),
        }
    }

    /// Prefix of the names of all keys, followed by a colon. Default: `session`.
    ///
    /// Stores with different prefixes can share a server without seeing each other's sessions.
    #[must_use]
    #[doc(alias = "namespace")]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long connecting to a server and logging in may take. Default: 2 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long a call may take in total, with retries and pauses. Default: 2 seconds. For calls that send many commands
    /// (listing, counting, clearing, sweeping, and finding or destroying sessions by value) it applies to each command.
    #[must_use]
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.settings.response_timeout = timeout;
        self
    }

    /// Maximum number of retries of a command. Default: 3.
    ///
    /// Any command is retried after an error reply that is temporary (the server is loading, fails over, or moves a
    /// slot), and an idempotent one also after a lost connection. Not idempotent are updates that change fields: if the
    /// connection breaks before the reply, such a call fails, although the update may have been executed.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    /// Pause before the first retry, and before the next attempt to connect. It doubles each time, five times at most.
    /// Default: 20 milliseconds.
    #[must_use]
    pub fn backoff(mut self, pause: Duration) -> Self {
        self.settings.backoff = pause;
        self
    }

    /// Behaviour of calls while there is no connection. Default: [`WhileDisconnected::Fail`].
    #[must_use]
    pub fn while_disconnected(mut self, behaviour: WhileDisconnected) -> Self {
        self.settings.while_disconnected = behaviour;
        self
    }

    /// Seals stored values with `key`. Opens values that were sealed with it or with one of the `older` keys.
    ///
    /// Each value is bound to the session's key and its field. All fields of a session, with its deadlines and a
    /// counter of its writes, are bound to each other. Access to the server is then not enough to read values, or to
    /// forge, swap, add, remove or roll back single fields: a session that fails verification is
    /// [`StoreError::Corrupt`](session_core::StoreError::Corrupt), and so are sessions that were stored before values
    /// were sealed.
    ///
    /// Still possible are: rolling back all fields of a session together, under the same token; deleting sessions;
    /// and removing them from the index, so that they are not found by value. Still visible are: field names,
    /// lengths of values, deadlines, whether a field gets a value that it had before, and how many sessions are found
    /// by one value.
    ///
    /// A write takes two commands instead of one: it reads the session, and writes it if it has not changed in between;
    /// otherwise it reads it again after a pause. Writes of one process to one session take turns. Contention alone
    /// never fails a write, as long as the server replies to one of the writers within the
    /// [response timeout](Self::response_timeout).
    #[cfg(feature = "seal")]
    #[must_use]
    #[doc(alias = "encrypt")]
    pub fn seal(mut self, key: SealKey, older: impl IntoIterator<Item = SealKey>) -> Self {
        self.sealing.ring = Some(SealRing::new(PURPOSE, key, older));
        self
    }

    /// Source of new tokens, for tests. Default: the random number generator of the operating system.
    #[must_use]
    pub fn token_source(mut self, source: TokenSource) -> Self {
        self.tokens = source;
        self
    }

    /// Builds the store. Connects on its first call.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if a setting is invalid.
    pub fn build(self) -> Result<RedisStore, ConfigError> {
        let prefix = Prefix::new(&self.prefix).ok_or(ConfigError::Prefix)?;
        let timeouts = [self.settings.connect_timeout, self.settings.response_timeout];
        if timeouts.iter().any(|timeout| *timeout < Duration::from_millis(1)) {
            return Err(ConfigError::Timeout);
        }
        let settings = Arc::new(self.settings);
        Ok(RedisStore(Arc::new(Inner {
            client: Client::new(&self.server, &settings)?,
            bulk: Client::new(&self.server, &settings)?,
            prefix,
            tokens: self.tokens,
            sealing: self.sealing,
            horizon: Horizon::default(),
            #[cfg(feature = "seal")]
            write_locks: WriteLocks::default(),
            orphans: Orphans::default(),
        })))
    }
}
