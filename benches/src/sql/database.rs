//! Databases for one measurement.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use test_support::PostgresServer;

use crate::process::Cpus;

/// An empty database: a server of its own, or a file. Removed on drop.
pub(crate) enum Database {
    Postgres(PostgresServer),
    Sqlite(TempDir),
}

impl Database {
    /// One of each kind.
    pub(crate) fn all() -> Result<[Self; 2]> {
        Ok([Self::postgres(), Self::sqlite()?])
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(PostgresServer::start())
    }

    pub(crate) fn sqlite() -> Result<Self> {
        Ok(Self::Sqlite(TempDir::new()?))
    }

    /// The end of the names of variants on this database.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Sqlite(_) => "sqlite",
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url("postgres"),
            Self::Sqlite(dir) => format!("sqlite:{}?mode=rwc", dir.path().join("sessions.db").display()),
        }
    }

    /// The CPUs of the application: a server has the other one, SQLite runs in the application.
    pub(crate) fn application_cpus(&self) -> Cpus {
        match self {
            Self::Postgres(_) => Cpus::Measured,
            Self::Sqlite(_) => Cpus::Both,
        }
    }

    /// Leaves the measured CPU to the application.
    pub(crate) async fn pin(&self) -> Result<()> {
        let Self::Postgres(_) = self else { return Ok(()) };
        let mut connection = PgConnection::connect(&self.url()).await?;
        let process_file = sqlx::query_scalar("select pg_read_file('postmaster.pid')");
        let process_file: String = process_file.fetch_one(&mut connection).await?;
        let pid = process_file.lines().next().context("the process file is empty")?;
        let pinned =
            Command::new("taskset").args(["-acp", Cpus::Other.list(), pid]).stdout(Stdio::null()).status();
        ensure!(pinned.context("cannot start `taskset`")?.success(), "cannot pin PostgreSQL");
        Ok(())
    }
}
