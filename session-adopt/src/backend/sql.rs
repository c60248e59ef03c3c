//! What both databases have in common: names of tables, errors, and successors as rows of the old table.

use session_core::{StoreError, Timestamp, Token};

use super::held::Held;
use crate::successor;

/// Returns the name of a table, with or without that of its schema, as it stands in a statement.
pub(super) fn quote(table: &str) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    table.split('.').map(quoted).collect::<Vec<_>>().join(".")
}

/// The row of a successor.
pub(super) struct Successor {
    pub(super) id: String,
    /// The time of its end in milliseconds, a dot, and the sealed token.
    pub(super) data: String,
    /// Milliseconds since 1970.
    pub(super) ends_at: u64,
}

impl Successor {
    pub(super) fn new(old_id: &str, token: &Token, now: Timestamp) -> Self {
        let ends_at = now.after(successor::FOUND_FOR).as_millis();
        Self {
            id: successor::name(old_id),
            data: format!("{ends_at}.{}", successor::seal(old_id, token)),
            ends_at,
        }
    }

    /// Returns the sealed token, unless its time is over.
    pub(super) fn read(data: Vec<u8>, now: Timestamp) -> Option<Held> {
        let text = String::from_utf8(data).ok()?;
        let (ends_at, sealed) = text.split_once('.')?;
        let is_current = now < Timestamp::from_millis(ends_at.parse().ok()?);
        is_current.then(|| Held::Successor(sealed.to_owned()))
    }
}

/// The text of an error may quote values.
pub(super) fn unavailable(error: &sqlx::Error) -> StoreError {
    let cause = match error {
        sqlx::Error::Database(error) => {
            format!(
                "it refused the statement with the error {}",
                error.code().as_deref().unwrap_or("without a code")
            )
        }
        sqlx::Error::Io(error) => format!("the connection failed: {error}"),
        sqlx::Error::PoolTimedOut => "no connection of the pool became free in time".to_owned(),
        sqlx::Error::PoolClosed => "the pool is closed".to_owned(),
        _ => "its reply does not fit the statement".to_owned(),
    };
    StoreError::Unavailable(format!("the database of the old sessions failed: {cause}").into())
}
