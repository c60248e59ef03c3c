//! Many sessions: their size on disk, and requests while half of them are swept.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, ensure};
use session::store::{Patch, WriteOutcome, value};
use session::{SqlStore, Store as _, Timestamp, Token};
use sqlx::{PgPool, SqlitePool};
use tokio::runtime::Builder;

use super::database::Database;
use super::stores::{postgres_pool, session_store, sqlite_pool};
use crate::many_sessions::record;
use crate::table::{Table, grouped};
use crate::variants::session::fields;

const HOUR: Duration = Duration::from_hours(1);
/// Sessions that requests read and write.
const VISITED: u32 = 64;

/// Copies the first two sessions of the table in turn, each with a key and an indexed value of its own.
const FILL_POSTGRES: &str = "
    with copied as (
        insert into session (key, handle_id, created_at, idle_deadline, idle_timeout, lifetime_deadline, remember,
            fields, indexed)
        select sha256(n::text::bytea), substr(sha256(n::text::bytea), 1, 16), created_at, idle_deadline, idle_timeout,
            lifetime_deadline, remember, fields, indexed
        from generate_series(1, $1) n join session s on s.id = 1 + n % 2
        returning id
    )
    insert into session_value (session_id, name, digest) select id, 'user_id', sha256(id::text::bytea) from copied";
const FILL_SQLITE: [&str; 2] = [
    "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < $1)
    insert into session (key, handle_id, created_at, idle_deadline, idle_timeout, lifetime_deadline, remember, record)
    select randomblob(32), randomblob(16), created_at, idle_deadline, idle_timeout, lifetime_deadline, remember, record
    from numbers join session s on s.id = 1 + n % 2",
    "insert into session_value (session_id, digest) select id, randomblob(32) from session where id > 2 and $1 > 0",
];

/// Bytes of the tables of sessions and of their indexes.
const SIZES_POSTGRES: &str = "
    select (pg_table_size('session') + pg_table_size('session_value'))::bigint,
        (pg_indexes_size('session') + pg_indexes_size('session_value'))::bigint";
const SIZES_SQLITE: &str = "
    select sum(case when name in ('session', 'session_value') then pgsize else 0 end),
        sum(case when name in ('session', 'session_value') then 0 else pgsize end)
    from dbstat";

/// Returns the table, for this number of sessions.
///
/// # Errors
///
/// When a store fails.
pub fn table(sessions: u32) -> Result<Table> {
    let mut table = Table::new([
        "variant",
        "sessions",
        "bytes per session in tables",
        "in indexes",
        "sweep of half of them, s",
        "requests meanwhile",
        "longest read, ms",
        "longest write, ms",
    ]);
    for database in Database::all()? {
        let figures =
            Builder::new_current_thread().enable_all().build()?.block_on(measure(&database, sessions))?;
        table.row(&format!("session-{}", database.name()), figures);
    }
    Ok(table)
}

async fn measure(database: &Database, sessions: u32) -> Result<[String; 7]> {
    let url = database.url();
    let store = session_store(&url).await?;
    let now = Timestamp::from(SystemTime::now());
    for life in [HOUR, 10 * HOUR] {
        create(&store, now, life).await?;
    }
    let [in_tables, in_indexes] = match database {
        Database::Postgres(_) => fill_postgres(&postgres_pool(&url).await?, sessions).await?,
        Database::Sqlite(_) => fill_sqlite(&sqlite_pool(&url).await?, sessions).await?,
    };
    let mut visited = Vec::new();
    for _ in 0..VISITED {
        visited.push(create(&store, now, 10 * HOUR).await?);
    }
    let Beside { sweep, requests, longest_read, longest_write } =
        beside_sweep(&store, &visited, now.after(2 * HOUR)).await?;
    let each = |bytes: i64| grouped(bytes / i64::from(sessions));
    let milliseconds = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    Ok([
        grouped(sessions),
        each(in_tables),
        each(in_indexes),
        format!("{:.1}", sweep.as_secs_f64()),
        grouped(requests),
        milliseconds(longest_read),
        milliseconds(longest_write),
    ])
}

/// Creates a session whose user is indexed.
async fn create(store: &SqlStore, now: Timestamp, life: Duration) -> Result<Token> {
    let mut fields = fields()?;
    for (_, value) in fields.iter_mut().filter(|(name, _)| *name == "user_id") {
        value[0] |= value::INDEXED;
    }
    Ok(store.create(&record(&fields, now, life)?, now).await?)
}

async fn fill_postgres(pool: &PgPool, sessions: u32) -> Result<[i64; 2]> {
    sqlx::query(FILL_POSTGRES).bind(i64::from(sessions)).execute(pool).await?;
    sqlx::raw_sql("vacuum analyze").execute(pool).await?;
    let (in_tables, in_indexes): (i64, i64) = sqlx::query_as(SIZES_POSTGRES).fetch_one(pool).await?;
    Ok([in_tables, in_indexes])
}

async fn fill_sqlite(pool: &SqlitePool, sessions: u32) -> Result<[i64; 2]> {
    for statement in FILL_SQLITE {
        sqlx::query(statement).bind(sessions).execute(pool).await?;
    }
    sqlx::raw_sql("pragma wal_checkpoint(truncate)").execute(pool).await?;
    let (in_tables, in_indexes): (i64, i64) = sqlx::query_as(SIZES_SQLITE).fetch_one(pool).await?;
    Ok([in_tables, in_indexes])
}

struct Beside {
    sweep: Duration,
    requests: u64,
    longest_read: Duration,
    longest_write: Duration,
}

/// Sweeps, and meanwhile reads and writes one session after the other.
async fn beside_sweep(store: &SqlStore, visited: &[Token], now: Timestamp) -> Result<Beside> {
    let start = Instant::now();
    let sweeping = async {
        let swept = store.sweep(now).await?;
        anyhow::Ok((swept, start.elapsed()))
    };
    let mut beside = Beside {
        sweep: Duration::ZERO,
        requests: 0,
        longest_read: Duration::ZERO,
        longest_write: Duration::ZERO,
    };
    let requesting = async {
        for token in visited.iter().cycle() {
            let before = Instant::now();
            ensure!(store.load(token, now).await?.is_some(), "the session is gone");
            beside.longest_read = beside.longest_read.max(before.elapsed());
            let before = Instant::now();
            let patch = Patch::new().set("counter", value::counter(2)).touch(now.after(HOUR));
            ensure!(store.update(token, &patch, now).await? == WriteOutcome::Done, "no update");
            beside.longest_write = beside.longest_write.max(before.elapsed());
            beside.requests += 2;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        swept = sweeping => {
            let (swept, time) = swept?;
            ensure!(swept > 0, "nothing was swept");
            beside.sweep = time;
        }
        failed = requesting => failed?,
    }
    Ok(beside)
}
