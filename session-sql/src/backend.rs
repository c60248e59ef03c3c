//! The database of a store.

use std::time::Duration;

use crate::pool::Pool;
use crate::seal::Seal;
use crate::table::Table;

/// The database of a store.
///
/// The type behind each variant has the same methods: `migrate`, those of a revocation list, and the verbs of
/// [`Store`](session_core::Store) with these differences: tokens come as [`StoreKey`](session_core::StoreKey), new
/// ones included, a write returns an [`Outcome`](crate::outcome::Outcome), and the verbs with and without a limit are
/// one.
pub(crate) enum Backend {
    #[cfg(feature = "mysql")]
    MySql(crate::mysql::MySql),
    #[cfg(feature = "postgres")]
    Postgres(crate::postgres::Postgres),
    #[cfg(feature = "sqlite")]
    Sqlite(crate::sqlite::Sqlite),
}

impl Backend {
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres")),
        expect(unused_variables, reason = "SQLite has no server that could go silent")
    )]
    pub(crate) fn new(pool: &Pool, table: &Table, seal: Option<Seal>, call_timeout: Duration) -> Self {
        match *pool {
            #[cfg(feature = "mysql")]
            Pool::MySql(ref pool) => {
                Self::MySql(crate::mysql::MySql::new(pool.clone(), table, seal, call_timeout))
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(ref pool) => {
                Self::Postgres(crate::postgres::Postgres::new(pool.clone(), table, seal, call_timeout))
            }
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(ref pool) => Self::Sqlite(crate::sqlite::Sqlite::new(pool.clone(), table, seal)),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match *self {
            #[cfg(feature = "mysql")]
            Self::MySql(_) => "mysql",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "postgres",
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => "sqlite",
        }
    }
}

/// Evaluates an expression with the database of a store, whichever it is.
macro_rules! with_backend {
    ($backend:expr, $database:ident => $call:expr) => {
        match *$backend {
            #[cfg(feature = "mysql")]
            $crate::backend::Backend::MySql(ref $database) => $call,
            #[cfg(feature = "postgres")]
            $crate::backend::Backend::Postgres(ref $database) => $call,
            #[cfg(feature = "sqlite")]
            $crate::backend::Backend::Sqlite(ref $database) => $call,
        }
    };
}

pub(crate) use with_backend;
