//! Sessions in MySQL and MariaDB.
//!
//! A write that depends on the record locks and reads it with one message, and writes it whole, with its index, and
//! commits with a second one. A failure or a dropped future in between closes the connection.

mod connection;
mod destroy;
mod lookup;
mod migrate;
mod retry;
mod script;
mod statements;
mod writes;

use session_core::SessionLimit;
use sha2::{Digest as _, Sha256};
use sqlx::MySqlPool;

use self::statements::Statements;
use crate::index_key::index_key;
use crate::table::Table;

pub(crate) struct MySql {
    pool: MySqlPool,
    statements: Statements,
    names: Names,
}

/// The names of the tables in statements.
pub(crate) struct Names {
    session: String,
    value: String,
}

impl MySql {
    pub(crate) fn new(pool: MySqlPool, table: &Table) -> Self {
        let names = Names { session: table.fill("{session}", '`'), value: table.fill("{value}", '`') };
        Self { pool, statements: Statements::new(table), names }
    }

    pub(crate) fn schema(&self) -> &str {
        self.statements.schema.text()
    }

    /// The name of the lock of a limit's value. Names of locks are shared by all databases of a server, and have 64
    /// characters at most.
    fn lock_name(&self, limit: SessionLimit<'_>) -> String {
        let digest = Sha256::new()
            .chain_update(&self.names.session)
            .chain_update(index_key(limit.name, limit.value))
            .finalize();
        let number = digest[..16].iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        format!("session:{number:032x}")
    }
}
