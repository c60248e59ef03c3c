//! Executes single statements, which are transactions of their own.

use session_core::StoreError;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::query::Query;

use super::MySql;
use super::retry::Failure;
use crate::connection::Connection;
use crate::error::failed;

pub(super) type Call<'q> = Query<'q, sqlx::MySql, MySqlArguments>;

impl MySql {
    pub(super) async fn acquire(&self) -> Result<Connection<sqlx::MySql>, sqlx::Error> {
        Connection::acquire(self.pool(), self.call_timeout).await
    }

    /// Returns the row of a statement that changes nothing.
    pub(super) async fn read(&self, call: Call<'_>) -> Result<Option<MySqlRow>, StoreError> {
        let read = async || {
            let mut connection = self.acquire().await?;
            connection.deadline().wait_for(call.fetch_optional(&mut *connection)).await.flatten()
        };
        read().await.map_err(|error| failed(&error))
    }

    /// Returns all rows of a statement that changes nothing.
    pub(super) async fn read_all(&self, call: Call<'_>) -> Result<Vec<MySqlRow>, StoreError> {
        let read = async || {
            let mut connection = self.acquire().await?;
            connection.deadline().wait_for(call.fetch_all(&mut *connection)).await.flatten()
        };
        read().await.map_err(|error| failed(&error))
    }

    /// Executes a statement that writes, and returns how many rows it matched.
    pub(super) async fn execute<'q>(&self, call: impl Fn() -> Call<'q>) -> Result<u64, StoreError> {
        let execute = || async {
            let mut connection = self.acquire().await.map_err(|error| Failure::failed(&error))?;
            let done = connection.deadline().wait_for(call().execute(&mut *connection)).await.flatten();
            done.map(|done| done.rows_affected()).map_err(|error| Failure::unconfirmed(&error))
        };
        self.transact(execute).await
    }
}
