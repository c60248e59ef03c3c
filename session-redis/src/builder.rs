//! How a store is set up.

use std::sync::Arc;
use std::time::Duration;

use session_core::TokenSource;

use crate::index::Horizon;
use crate::key::Prefix;
use crate::orphans::Orphans;
#[cfg(feature = "seal")]
use crate::seal::{Ring, SealKey};
use crate::sealing::Sealing;
use crate::server::{ConfigError, Server};
use crate::servers::Servers;
use crate::settings::{Settings, WhileDisconnected};
use crate::store::{Inner, RedisStore};
#[cfg(feature = "seal")]
use crate::write_lock::WriteLocks;

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

    /// What the names of this store's keys begin with, before a colon. `session` unless set.
    ///
    /// Stores with different prefixes share a server without seeing each other's sessions.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long connecting to a server and logging in may take. 2 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long a call may take in all, with retries and pauses. 2 seconds unless set. Listing, counting, clearing,
    /// sweeping, and finding or ending sessions by value send many commands; for them it holds for each.
    #[must_use]
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.settings.response_timeout = timeout;
        self
    }

    /// How often a command is sent again when that is safe: after any refusal that passes (the server is
    /// loading, fails over, moves a slot), and after a lost connection if doing it twice is the same as doing it
    /// once. 3 times unless set.
    ///
    /// All may be done twice but an update that changes fields: one whose connection broke before the answer is an error,
    /// since it may have been done.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    /// The pause before the first retry, and before connecting is tried again; it doubles each time, five times at
    /// most. 20 milliseconds unless set.
    #[must_use]
    pub fn backoff(mut self, pause: Duration) -> Self {
        self.settings.backoff = pause;
        self
    }

    /// What calls do while there is no connection. [`WhileDisconnected::Fail`] unless set.
    #[must_use]
    pub fn while_disconnected(mut self, behaviour: WhileDisconnected) -> Self {
        self.settings.while_disconnected = behaviour;
        self
    }

    /// Seals what is stored with `key`, and opens what was sealed with it or one of the `older` ones.
    ///
    /// Each value is bound to the session's key and its field, and all fields of a session, with its deadlines and a
    /// counter of its writes, to each other. Whoever can read and write on the server can read no value, and cannot
    /// forge, swap, add, remove or roll back single fields: a session that does not verify is
    /// [`StoreError::Corrupt`](session_core::StoreError::Corrupt), and so are sessions stored before values were sealed.
    ///
    /// What remains possible: putting back all fields of a session together as they were earlier, under the same
    /// token; deleting sessions, and taking them out of the index so that they are not found by value. What can be seen:
    /// field names, lengths of values, deadlines, whether a field gets a value that it had before, and how many sessions
    /// are found by one value.
    ///
    /// A write takes two commands instead of one: the session is read, and written if it was not changed in between;
    /// otherwise it is read again after a pause. Writes of one process to one session wait for each other. However many
    /// there are, a write fails for their sake only when the server answers none of them for as long as the
    /// [response timeout](Self::response_timeout).
    #[cfg(feature = "seal")]
    #[must_use]
    pub fn seal(mut self, key: SealKey, older: impl IntoIterator<Item = SealKey>) -> Self {
        self.sealing.ring = Some(Ring::new(key, older));
        self
    }

    /// Takes fresh tokens from `source` instead of the operating system's randomness: for tests.
    #[must_use]
    pub fn token_source(mut self, source: TokenSource) -> Self {
        self.tokens = source;
        self
    }

    /// Checks the settings. Nothing is connected to before the first call of the store.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that says what to write instead.
    pub fn build(self) -> Result<RedisStore, ConfigError> {
        let prefix = Prefix::new(&self.prefix).ok_or(ConfigError::Prefix)?;
        let timeouts = [self.settings.connect_timeout, self.settings.response_timeout];
        if timeouts.iter().any(|timeout| *timeout < Duration::from_millis(1)) {
            return Err(ConfigError::Timeout);
        }
        let settings = Arc::new(self.settings);
        let [servers, bulk] = [self.server.clone(), self.server];
        let connected = |server: Server| {
            Ok(Servers { topology: server.topology(&settings)?, settings: Arc::clone(&settings) })
        };
        Ok(RedisStore(Arc::new(Inner {
            servers: connected(servers)?,
            bulk: connected(bulk)?,
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
