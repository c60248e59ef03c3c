//! Settings of a store, and its tables.

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "seal")]
use session_core::seal::SealKey;
use session_core::{StoreError, TokenSource};

use crate::backend::{Backend, with_backend};
use crate::pool::Pool;
use crate::seal::Seal;
#[cfg(feature = "seal")]
use crate::seal::{PURPOSE, SealRing};
use crate::store::SqlStore;
use crate::table::{InvalidTableName, Table};

/// How long a call may take unless the application sets it.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

impl SqlStore {
    /// A store in the database of this pool, in the table `session`. Connects on its first call.
    ///
    /// The table must exist: see [`migrate`](SqlStore::migrate).
    pub fn new(pool: impl Into<Pool>) -> Self {
        let (pool, table) = (pool.into(), Table::default());
        let call_timeout = CALL_TIMEOUT;
        let backend = Arc::new(Backend::new(&pool, &table, None, call_timeout));
        Self { backend, pool, table, ring: None, call_timeout, tokens: TokenSource::default() }
    }

    /// Keeps the sessions in the table with this name, the index in one with the same name and `_value` at its end, and
    /// the revocation list in one with `_revocation`. Default: `session`.
    ///
    /// A name has 1 to 40 ASCII letters, digits and underscores. It may be preceded by the name of a schema, or of an
    /// attached database in SQLite, and a dot: `app.session`.
    ///
    /// # Errors
    ///
    /// [`InvalidTableName`] for any other name.
    pub fn table(mut self, name: &str) -> Result<Self, InvalidTableName> {
        self.table = Table::new(name)?;
        Ok(self.with_new_backend())
    }

    /// Seals sessions with `key`. Opens sessions that were sealed with it or with one of the `older` keys.
    ///
    /// A session is sealed as a whole, with its times and deadlines, and bound to its token and to the name of the table
    /// as it was [given](SqlStore::table). Access to the database is then not enough to read values, or to forge, swap, add, remove or
    /// roll back single fields, or to prolong a deadline: a session that does not open is
    /// [`StoreError::Corrupt`](session_core::StoreError::Corrupt), and so are sessions that were stored before they were
    /// sealed, and sealed ones for a store without the key.
    ///
    /// Still possible are: rolling back a whole session under the same token; deleting sessions or ending them early; and
    /// removing them from the index, so that they are neither found by value nor counted for a session limit. Still
    /// visible are: handle ids, deadlines, the lengths of sessions, which sessions have the same indexed value, and in
    /// PostgreSQL the names of indexed fields.
    ///
    /// The next write seals a session with `key`. Drop an older key when the sessions that it sealed have ended, or have
    /// been written to.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")]
    /// # fn example(pool: sqlx::SqlitePool) -> Result<(), Box<dyn std::error::Error>> {
    /// use session_sql::SqlStore;
    ///
    /// let new_key = std::env::var("SESSION_SEAL_KEY")?.parse()?; // made by `openssl rand -hex 64`
    /// let old_key = std::env::var("SESSION_OLD_SEAL_KEY")?.parse()?;
    /// let store = SqlStore::new(pool).seal(new_key, [old_key]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "seal")]
    #[must_use]
    #[doc(alias = "encrypt")]
    pub fn seal(mut self, key: SealKey, older: impl IntoIterator<Item = SealKey>) -> Self {
        self.ring = Some(SealRing::new(PURPOSE, key, older));
        self.with_new_backend()
    }

    /// How long PostgreSQL or MySQL may take to answer a call, from the moment when the call has a connection. Default: 30
    /// seconds. No effect in SQLite.
    ///
    /// A call that takes longer fails, and a write that may have been executed with
    /// [`StoreError::Timeout`](session_core::StoreError::Timeout). Its connection is closed, also if the call's future was
    /// dropped before: a server or a network that has gone silent takes no connection from the pool for longer than this. For
    /// [`clear`](session_core::Store::clear) and [`sweep`](session_core::Store::sweep) it applies to each statement. How long
    /// a call waits for a connection is the `acquire_timeout` of the pool.
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")]
    /// # fn example(pool: sqlx::PgPool) {
    /// use session_sql::SqlStore;
    /// use std::time::Duration;
    ///
    /// let store = SqlStore::new(pool).call_timeout(Duration::from_secs(5));
    /// # }
    /// ```
    #[must_use]
    #[doc(alias = "response_timeout")]
    #[doc(alias = "query timeout")]
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self.with_new_backend()
    }

    fn with_new_backend(mut self) -> Self {
        let seal = self.ring.clone().map(|ring| Seal::new(ring, &self.table));
        self.backend = Arc::new(Backend::new(&self.pool, &self.table, seal, self.call_timeout));
        self
    }

    /// Source of new tokens, for tests. Default: the random number generator of the operating system.
    #[must_use]
    pub fn token_source(mut self, source: TokenSource) -> Self {
        self.tokens = source;
        self
    }

    /// Creates the tables and indexes that do not exist yet.
    ///
    /// May be called at each start, by any number of processes at once.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached or does not allow it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        with_backend!(self.backend, database => database.migrate().await)
    }

    /// Returns the statements that [`migrate`](SqlStore::migrate) executes, for applications that manage their schema
    /// themselves.
    #[doc(alias = "ddl")]
    pub fn schema(&self) -> String {
        with_backend!(self.backend, database => database.schema().to_owned())
    }
}
