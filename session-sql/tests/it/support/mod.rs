//! Helpers for several tests.

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod cut;
mod databases;
mod keys;
mod polls;
#[cfg(feature = "mysql")]
mod proxy;

use std::error::Error as _;
use std::time::Duration;

use session_core::{Change, HandleId, Meta, Patch, Record, StoreError, StoreKey, Timestamp};
use session_sql::{Pool, SqlStore};

#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) use cut::Cut;
pub(crate) use databases::Databases;
pub(crate) use keys::{key, sealed};
pub(crate) use polls::{Drop, drop_at_every_await, poll_times};
#[cfg(feature = "mysql")]
pub(crate) use proxy::Proxy;

/// A database with tables, for tests that are the same in each.
pub(crate) trait Database: Sized {
    /// The column that holds sealed records.
    const SEALED: &'static str;

    async fn new() -> Self;
    fn pool(&self) -> Pool;
    fn store(&self) -> SqlStore {
        SqlStore::new(self.pool())
    }
    async fn execute(&self, statement: &str);
    async fn number(&self, query: &'static str) -> i64;
    async fn text(&self, query: &'static str) -> String;
    /// Replaces what is stored under a key with something that is not a record.
    async fn corrupt(&self, key: &StoreKey);
    /// Returns what is sealed in the row with the lowest id.
    async fn sealed(&self) -> Vec<u8>;
    /// Puts these bytes in the place of what is sealed, in all rows.
    async fn put_sealed(&self, bytes: &[u8]);
    /// Returns all bytes and texts in the tables.
    async fn dump(&self) -> Vec<u8>;
}

/// Runs tests on a database.
macro_rules! run_on {
    ($feature:literal $module:ident $database:path: $($test:ident)*) => {
        #[cfg(feature = $feature)]
        mod $module {
            $(#[tokio::test] async fn $test() { super::$test::<$database>().await; })*
        }
    };
}

pub(crate) use run_on;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);

pub(crate) fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}

/// Metadata with an idle timeout of half an hour and a lifetime of a day.
pub(crate) fn meta() -> Meta {
    let now = now();
    Meta {
        id: HandleId::random().unwrap(),
        created_at: now,
        authenticated_at: None,
        idle_deadline: now.after(30 * MINUTE),
        idle_timeout: 30 * MINUTE,
        lifetime_deadline: now.after(24 * 60 * MINUTE),
        remember: false,
    }
}

/// A record with a name.
pub(crate) fn record() -> Record {
    Record::new(&meta(), [("name", b"\x01lovelace".as_slice())])
}

/// The value of an indexed field.
pub(crate) fn indexed(text: &str) -> Vec<u8> {
    [b"\x41", text.as_bytes()].concat()
}

/// A record of this user, as an indexed value.
pub(crate) fn of_user(user: &str) -> Record {
    Record::new(&meta(), [("name", b"\x01lovelace".as_slice()), ("user", &indexed(user))])
}

/// Adds one to the counter `visits`.
pub(crate) fn count_one() -> Patch {
    Patch::new().with("visits", Change::Add { by: 1, min: 0, max: i64::MAX, keep: false })
}

/// The texts of an outage and of its causes.
pub(crate) fn outage<T>(result: Result<T, StoreError>) -> String {
    match result {
        Err(error @ StoreError::Unavailable(_)) => {
            let cause = error.source().unwrap();
            format!("{error}: {cause} {cause:?}")
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("no error"),
    }
}
