//! Rolls back failed transactions.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Sqlite, Transaction};

/// Rolls back a transaction in which a statement failed.
///
/// After some failures, such as a full disk, SQLite has done so by itself. sqlx still counts the transaction then, until
/// a rollback succeeds, for which another transaction is begun.
pub(super) async fn roll_back_failed(mut transaction: Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    // Fails if the transaction is still open.
    let _ = sqlx::raw_sql("begin").execute(&mut *transaction).await;
    transaction.rollback().await
}

/// Closes a connection whose transaction could not be ended, instead of returning it to the pool.
pub(super) async fn close_if_in_transaction(connection: &mut PoolConnection<Sqlite>) {
    // Commands that are queued on the connection are executed before the ping.
    if connection.ping().await.is_err() || connection.is_in_transaction() {
        connection.close_on_drop();
    }
}
