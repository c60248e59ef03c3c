//! Sessions in MySQL and MariaDB.
//!
//! A write that depends on the record takes two round trips: one locks and reads it, the other writes it whole, updates
//! the index and commits. If the future is dropped in between, the connection is closed.

mod destroy;
mod execute;
mod length;
mod lookup;
mod migrate;
mod retry;
mod revocations;
mod script;
mod statements;
mod transaction;
mod writes;

use std::sync::OnceLock;
use std::time::Duration;

use session_core::SessionLimit;
use sha2::{Digest as _, Sha256};
use sqlx::{ConnectOptions as _, MySqlPool};

use self::statements::Statements;
use crate::index_key::index_keys;
use crate::seal::Seal;
use crate::table::Table;

/// Maximum time that a login waits for concurrent ones of the same user.
const MAX_LOCK_SECONDS: u64 = 24 * 60 * 60;

pub(crate) struct MySql {
    /// The pool of the application.
    given: MySqlPool,
    /// A pool with the same settings that logs no statements.
    own: OnceLock<MySqlPool>,
    statements: Statements,
    names: Names,
    seal: Option<Seal>,
    call_timeout: Duration,
}

/// The names of the tables in statements.
pub(crate) struct Names {
    session: String,
    value: String,
    revocation: String,
}

impl MySql {
    pub(crate) fn new(pool: MySqlPool, table: &Table, seal: Option<Seal>, call_timeout: Duration) -> Self {
        let name = |table_name| table.fill(table_name, '`');
        let names =
            Names { session: name("{session}"), value: name("{value}"), revocation: name("{revocation}") };
        let statements = Statements::new(table, seal.as_ref());
        Self { given: pool, own: OnceLock::new(), statements, names, seal, call_timeout }
    }

    /// Returns a pool with the settings of the given one. sqlx logs the text of slow statements, and that of all
    /// statements at the level `debug`, and the text of scripts has values in it.
    fn pool(&self) -> &MySqlPool {
        if self.given.is_closed() {
            return &self.given;
        }
        self.own.get_or_init(|| {
            let options = self.given.connect_options().as_ref().clone().disable_statement_logging();
            self.given.options().clone().connect_lazy_with(options)
        })
    }

    pub(crate) fn schema(&self) -> &str {
        self.statements.schema.text()
    }

    /// Waiting for a lock has the same time limit as waiting for a connection, and ends before the call does.
    fn lock_seconds(&self) -> u64 {
        let before_the_call = self.call_timeout.saturating_sub(Duration::from_secs(1));
        let limit = self.given.options().get_acquire_timeout().min(before_the_call);
        limit.as_secs().clamp(1, MAX_LOCK_SECONDS)
    }

    /// The names of the locks of a limit's value: one for each of its digests, in the order in which everybody acquires
    /// them, since processes may have different keys while these are replaced. Names of locks are shared by all
    /// databases of a server, and have 64 characters at most.
    fn lock_names(&self, limit: SessionLimit<'_>) -> Vec<String> {
        let name = |digest| {
            let digest = Sha256::new().chain_update(&self.names.session).chain_update(digest).finalize();
            let number = digest[..16].iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
            format!("session:{number:032x}")
        };
        let digests = index_keys(limit.name, limit.value, self.seal.as_ref());
        let mut names: Vec<_> = digests.into_iter().map(name).collect();
        names.sort_unstable();
        names
    }
}
