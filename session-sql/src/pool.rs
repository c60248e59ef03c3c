//! The connection pool of a store.

/// A connection pool of sqlx, which determines the database: `MySqlPool`, `PgPool` or `SqlitePool`.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let pool = sqlx::SqlitePool::connect_lazy("sqlite:sessions.db")?;
/// let pool = session_sql::Pool::from(pool);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Pool {
    #[doc(hidden)]
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlPool),
    #[doc(hidden)]
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
    #[doc(hidden)]
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
}

#[cfg(feature = "mysql")]
impl From<sqlx::MySqlPool> for Pool {
    fn from(pool: sqlx::MySqlPool) -> Self {
        Self::MySql(pool)
    }
}

#[cfg(feature = "postgres")]
impl From<sqlx::PgPool> for Pool {
    fn from(pool: sqlx::PgPool) -> Self {
        Self::Postgres(pool)
    }
}

#[cfg(feature = "sqlite")]
impl From<sqlx::SqlitePool> for Pool {
    fn from(pool: sqlx::SqlitePool) -> Self {
        Self::Sqlite(pool)
    }
}
