//! The store that the arguments name.

use std::env;
use std::str::FromStr as _;
use std::time::Duration;

use session::redis::Server;
use session::store::DynStore;
use session::{RedisStore, SealKey, SqlStore};
use sqlx::Connection as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlPool};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};

use crate::arguments::StoreArguments;
use crate::failure::Failure;

/// The variable with the keys that seal values, the newest first, separated by commas.
const SEAL_KEYS: &str = "SESSION_SEAL_KEYS";

/// How long Redis may take to reply: ending many sessions takes it longer than what a website's requests ask for.
const REDIS_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a database may take for a command: it reads all of a large table to count sessions.
const CALL_TIMEOUT: Duration = Duration::from_hours(1);

const NO_STORE: &str =
    "not the URL of a store: write `redis://…`, `postgres://…`, `mysql://…` or `sqlite:file.db`";

/// Returns the store. A database is connected to once before, because a pool repeats attempts that fail and hides why.
pub(crate) async fn open(arguments: &StoreArguments) -> Result<Box<dyn DynStore>, Failure> {
    let StoreArguments { urls, sentinel, prefix, table } = arguments;
    let url = urls
        .first()
        .ok_or("say where the sessions are, by `--store` or in SESSION_STORE: `redis://127.0.0.1`")?;
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.starts_with("redis") {
        return Ok(Box::new(redis(urls, sentinel.as_deref(), prefix)?));
    }
    if urls.len() > 1 {
        return Err("only Redis is on several servers: give one URL".into());
    }
    let store = match scheme {
        "postgres" | "postgresql" => {
            let options = PgConnectOptions::from_str(url).map_err(unreachable)?;
            PgConnection::connect_with(&options).await.map_err(unreachable)?;
            SqlStore::new(PgPool::connect_lazy_with(options))
        }
        "mysql" | "mariadb" => {
            let options = MySqlConnectOptions::from_str(url).map_err(unreachable)?;
            MySqlConnection::connect_with(&options).await.map_err(unreachable)?;
            SqlStore::new(MySqlPool::connect_lazy_with(options))
        }
        "sqlite" => {
            let options = SqliteConnectOptions::from_str(url).map_err(unreachable)?;
            SqliteConnection::connect_with(&options).await.map_err(unreachable)?;
            SqlStore::new(SqlitePool::connect_lazy_with(options))
        }
        _ => return Err(NO_STORE.into()),
    };
    let store = store.table(table)?.call_timeout(CALL_TIMEOUT);
    let mut keys = seal_keys()?.into_iter();
    Ok(Box::new(match keys.next() {
        Some(newest) => store.seal(newest, keys),
        None => store,
    }))
}

fn redis(urls: &[String], sentinel: Option<&str>, prefix: &str) -> Result<RedisStore, Failure> {
    let server = match (sentinel, urls) {
        (Some(service), urls) => Server::sentinel(service, urls),
        (None, [url]) => Server::url(url),
        (None, urls) => Server::cluster(urls),
    };
    let builder = RedisStore::builder(server)
        .prefix(prefix)
        .connect_timeout(REDIS_TIMEOUT)
        .response_timeout(REDIS_TIMEOUT);
    let mut keys = seal_keys()?.into_iter();
    Ok(match keys.next() {
        Some(newest) => builder.seal(newest, keys),
        None => builder,
    }
    .build()?)
}

fn seal_keys() -> Result<Vec<SealKey>, Failure> {
    let text = env::var(SEAL_KEYS).unwrap_or_default();
    let keys = text.split(',').filter(|key| !key.is_empty()).map(str::parse);
    Ok(keys.collect::<Result<_, _>>().map_err(|error| format!("{SEAL_KEYS}: {error}"))?)
}

/// The error of a driver, which may quote the URL with its password, without its text.
fn unreachable(error: sqlx::Error) -> Failure {
    match error {
        sqlx::Error::Configuration(_) => "not a valid URL of a database".into(),
        sqlx::Error::Io(error) => format!("cannot reach the database: {error}").into(),
        sqlx::Error::Database(error) => {
            format!("the database refuses the connection: {}", error.message()).into()
        }
        _ => "cannot connect to the database".into(),
    }
}
