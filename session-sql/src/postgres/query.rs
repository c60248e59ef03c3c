//! Statements with their parameters.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;

/// A statement and the parameters that are bound to it.
pub(super) type Call<'q> = Query<'q, sqlx::Postgres, PgArguments>;
