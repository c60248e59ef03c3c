//! Errors of the database as errors of the store.

use session_core::StoreError;
use sqlx::error::DatabaseError;

/// Text of a failure, without the values that a database may quote.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cause(String);

/// Reason of a [`StoreError::Corrupt`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Damage {
    #[error("a column has a value of another type than a session has")]
    Column,
    #[error("a time or the handle id is out of range")]
    Meta,
    #[error("the stored fields are not those of a record")]
    Fields,
    #[error("the session was not sealed with a configured key, or was sealed for another token or table")]
    Seal,
    #[error("the handle id is not that of the sealed session")]
    HandleId,
    #[error("a floor of the revocation list is out of range")]
    Floor,
}

impl From<Damage> for StoreError {
    fn from(damage: Damage) -> Self {
        Self::Corrupt(damage.into())
    }
}

/// The error of a statement that changed nothing: it reads, was not sent, or was rolled back.
pub(crate) fn failed(error: &sqlx::Error) -> StoreError {
    if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) {
        return Damage::Column.into();
    }
    StoreError::Unavailable(Cause(describe(error)).into())
}

/// The error of a write. If the connection failed, the database may or may not have executed it.
pub(crate) fn unconfirmed(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            StoreError::Timeout
        }
        _ => failed(error),
    }
}

/// A failure without an error of sqlx.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) fn unavailable(text: impl Into<String>) -> StoreError {
    StoreError::Unavailable(Cause(text.into()).into())
}

fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => describe_reply(&**error),
        sqlx::Error::Io(error) => format!("the connection to the database failed: {error}"),
        sqlx::Error::PoolTimedOut => {
            "no connection of the pool became free in time, let it have more of them".to_owned()
        }
        sqlx::Error::PoolClosed => "the pool is closed".to_owned(),
        sqlx::Error::Configuration(error) => format!("the settings of the connection do not work: {error}"),
        sqlx::Error::Tls(_) => "the connection to the database could not be secured".to_owned(),
        sqlx::Error::WorkerCrashed => "the thread of the connection ended".to_owned(),
        _ => "the reply of the database does not fit the statement".to_owned(),
    }
}

fn describe_reply(error: &dyn DatabaseError) -> String {
    if is_missing_table(error) {
        return "the table does not exist, create it with `SqlStore::migrate`".to_owned();
    }
    #[cfg(feature = "sqlite")]
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        // SQLite quotes names, never values.
        return format!("the database answered: {error}");
    }
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Its SQLSTATE is the same for most errors.
        return refused(&error.number().to_string());
    }
    refused(error.code().as_deref().unwrap_or("without a code"))
}

fn refused(code: &str) -> String {
    format!("the database refused the statement with the error {code}")
}

fn is_missing_table(error: &dyn DatabaseError) -> bool {
    matches!(error.code().as_deref(), Some("42P01" | "42S02")) || error.message().starts_with("no such table")
}
