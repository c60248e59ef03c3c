//! Sessions in PostgreSQL.

use sqlx::PgPool;

use crate::table::Table;

pub(crate) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    pub(crate) fn new(pool: PgPool, _table: &Table) -> Self {
        Self { pool }
    }
}
