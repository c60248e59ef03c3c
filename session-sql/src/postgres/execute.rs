//! Executes statements, and repeats those that the database has rolled back in favour of others.

use session_core::StoreError;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgRow;

use super::Postgres;
use super::query::Call;
use super::transaction::Transaction;
use crate::connection::Connection;
use crate::error::{Damage, failed, unconfirmed};

/// How often a statement is repeated that was chosen to end a deadlock. Statements of the store cause none.
pub(super) const MAX_DEADLOCKS: u32 = 8;

/// Why a statement has no result.
pub(super) enum Failure {
    /// The statement changed nothing.
    RolledBack(sqlx::Error),
    /// The statement may have been executed.
    Unconfirmed(sqlx::Error),
    /// Nothing was changed.
    Store(StoreError),
}

impl Failure {
    pub(super) fn new(error: sqlx::Error) -> Self {
        match error {
            // The server ended the connection, or a proxy lost it.
            sqlx::Error::Database(ref reply) if has_code(&**reply, "57P") || has_code(&**reply, "08") => {
                Self::Unconfirmed(error)
            }
            sqlx::Error::Database(_) => Self::RolledBack(error),
            _ => Self::Unconfirmed(error),
        }
    }

    /// Whether a unique index has the value already.
    pub(super) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::RolledBack(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether the database ended the statement in favour of another one.
    pub(super) fn can_be_repeated(&self) -> bool {
        self.is("40P01") || self.is("40001")
    }

    /// The failure of a statement in a transaction that was not committed.
    pub(super) fn rolled_back(self) -> Self {
        match self {
            Self::Unconfirmed(error) => Self::RolledBack(error),
            failure => failure,
        }
    }

    fn is(&self, code: &str) -> bool {
        matches!(self, Self::RolledBack(sqlx::Error::Database(error)) if has_code(&**error, code))
    }

    /// The error of a read.
    pub(super) fn of_read(self) -> StoreError {
        match self {
            Self::RolledBack(error) | Self::Unconfirmed(error) => failed(&error),
            Self::Store(error) => error,
        }
    }
}

impl From<Failure> for StoreError {
    /// The error of a write.
    fn from(failure: Failure) -> Self {
        match failure {
            // Such as an operator that the stored value does not have.
            failure if failure.is("22") => Damage::Fields.into(),
            Failure::Store(error) => error,
            Failure::RolledBack(error) => failed(&error),
            Failure::Unconfirmed(sqlx::Error::Database(_)) => Self::Timeout,
            Failure::Unconfirmed(error) => unconfirmed(&error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        Self::Store(damage.into())
    }
}

fn has_code(error: &dyn DatabaseError, prefix: &str) -> bool {
    error.code().is_some_and(|code| code.starts_with(prefix))
}

impl Postgres {
    /// Returns the row of a statement that changes nothing.
    pub(super) async fn read<'q>(
        &self,
        call: impl Fn() -> Call<'q> + Send + Sync,
    ) -> Result<Option<PgRow>, StoreError> {
        self.execute(call).await.map_err(Failure::of_read)
    }

    /// Returns all rows of a statement that changes nothing.
    pub(super) async fn read_all(&self, call: Call<'_>) -> Result<Vec<PgRow>, StoreError> {
        let mut connection = self.acquire().await.map_err(Failure::of_read)?;
        let rows = connection.deadline().wait_for(call.fetch_all(&mut *connection)).await.flatten();
        rows.map_err(|error| failed(&error))
    }

    /// Executes a statement that returns a row at most, in a transaction of its own at the isolation level of the connection.
    ///
    /// At a higher level than READ COMMITTED, a statement fails that would have to wait for another one's write. It is
    /// repeated at that level.
    pub(super) async fn execute<'q>(
        &self,
        call: impl Fn() -> Call<'q> + Send + Sync,
    ) -> Result<Option<PgRow>, Failure> {
        self.execute_on(self.acquire().await?, call).await
    }

    /// The same on this connection.
    pub(super) async fn execute_on<'q>(
        &self,
        mut connection: Connection<sqlx::Postgres>,
        call: impl Fn() -> Call<'q> + Send + Sync,
    ) -> Result<Option<PgRow>, Failure> {
        let mut deadlocks = 0;
        loop {
            let row = connection.deadline().wait_for(call().fetch_optional(&mut *connection)).await;
            match row.flatten().map_err(Failure::new) {
                Err(failure) if failure.is("40P01") && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
                Err(failure) if failure.is("40001") => {
                    let begin = self.statements.begin.text().to_owned();
                    return execute_after(connection, begin, call).await;
                }
                result => return result,
            }
        }
    }

    /// Executes a statement once no other one has locked these numbers, on what those before it have committed.
    pub(super) async fn execute_locked<'q>(
        &self,
        numbers: &[i32],
        call: impl Fn() -> Call<'q> + Send + Sync,
    ) -> Result<Option<PgRow>, Failure> {
        let begin = self.begin_locked(numbers);
        let mut deadlocks = 0;
        loop {
            match execute_after(self.acquire().await?, begin.clone(), &call).await {
                Err(failure) if failure.is("40P01") && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
                result => return result,
            }
        }
    }

    /// Returns the statements that begin a transaction and lock these numbers.
    pub(super) fn begin_locked(&self, numbers: &[i32]) -> String {
        let lock = |number: &i32| self.statements.lock.text().replace("{number}", &number.to_string());
        let locks: Vec<_> = numbers.iter().map(lock).collect();
        format!("{}; {}", self.statements.begin.text(), locks.join("; "))
    }

    pub(super) async fn acquire(&self) -> Result<Connection<sqlx::Postgres>, Failure> {
        Connection::acquire(&self.pool, self.call_timeout).await.map_err(Failure::RolledBack)
    }
}

/// Executes a statement in a transaction that begins with these statements.
async fn execute_after<'q>(
    connection: Connection<sqlx::Postgres>,
    begin: String,
    call: impl Fn() -> Call<'q> + Send + Sync,
) -> Result<Option<PgRow>, Failure> {
    let mut transaction = Transaction::begin(connection, begin).await.map_err(Failure::RolledBack)?;
    let row = transaction.deadline().wait_for(call().fetch_optional(&mut *transaction)).await;
    let row = row.flatten().map_err(Failure::RolledBack)?;
    transaction.commit().await.map_err(Failure::new)?;
    Ok(row)
}
