//! Loads of single sessions.

use std::collections::HashMap;
use std::iter::once;

use session_core::{StoreKey, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::Postgres;
use super::calls::{Load, Loaded};
use super::execute::Failure;
use super::queue::{Turn, Waiting};
use super::row::{KEY, read_record};
use crate::connection::{Connection, is_timeout};
use crate::error::failed;
use crate::meta::encode_time;
use crate::seal::Seal;
use crate::table::Statement;

impl Postgres {
    pub(crate) async fn load(&self, key: &StoreKey, now: Timestamp) -> Loaded {
        let turn = self.loads.wait(Load { key: *key, now }, self.acquire()).await;
        match turn.map_err(Failure::of_read)? {
            Turn::Executed(Some(loaded)) => loaded,
            Turn::Executed(None) => self.load_alone(None, key, now).await,
            Turn::Connected { connection, others, .. } if others.is_empty() => {
                self.load_alone(Some(connection), key, now).await
            }
            // Others wait for it too, so that it goes on whatever happens to this future.
            Turn::Connected { connection, call, others } => {
                let (statement, seal) = (self.statements.load_all.clone(), self.seal.clone());
                let loaded = tokio::spawn(load_together(connection, statement, seal, call, others));
                match loaded.await {
                    Ok(Some(loaded)) => loaded,
                    _ => self.load_alone(None, key, now).await,
                }
            }
        }
    }

    /// Loads a session on this connection, or on one of the pool.
    async fn load_alone(
        &self,
        connection: Option<Connection<sqlx::Postgres>>,
        key: &StoreKey,
        now: Timestamp,
    ) -> Loaded {
        let call =
            || query(self.statements.load.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
        let row = match connection {
            Some(connection) => self.execute_on(connection, call).await,
            None => self.execute(call).await,
        };
        read_live(row.map_err(Failure::of_read)?.as_ref(), self.seal.as_ref(), now)
    }
}

/// Loads several sessions. `None` if that fails: each is loaded alone then.
async fn load_together(
    mut connection: Connection<sqlx::Postgres>,
    statement: Statement,
    seal: Option<Seal>,
    own: Load,
    others: Vec<Waiting<Load, Loaded>>,
) -> Option<Loaded> {
    let loads = once(&own).chain(others.iter().map(|other| &other.call));
    let keys: Vec<_> = loads.map(|load| load.key.as_bytes().as_slice()).collect();
    let call = query(statement.sql()).bind(keys);
    let rows = match connection.deadline().wait_for(call.fetch_all(&mut *connection)).await.flatten() {
        Ok(rows) => rows,
        // Each has waited as long as it may.
        Err(error) if is_timeout(&error) => {
            for other in others {
                other.finish(Err(failed(&error)));
            }
            return Some(Err(failed(&error)));
        }
        Err(_) => return None,
    };
    drop(connection);
    let rows: HashMap<&[u8], &PgRow> =
        rows.iter().filter_map(|row| Some((row.try_get(KEY).ok()?, row))).collect();
    let read = |load: &Load| {
        let row = rows.get(load.key.as_bytes().as_slice()).copied();
        read_live(row, seal.as_ref(), load.now)
    };
    for other in others {
        let loaded = read(&other.call);
        other.finish(loaded);
    }
    Some(read(&own))
}

fn read_live(row: Option<&PgRow>, seal: Option<&Seal>, now: Timestamp) -> Loaded {
    let record = row.map(|row| read_record(row, seal)).transpose()?;
    Ok(record.filter(|record| record.is_live(now)))
}
