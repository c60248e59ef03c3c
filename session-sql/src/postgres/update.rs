//! Updates of single sessions.

use std::collections::HashSet;
use std::iter::once;
use std::sync::Arc;

use session_core::{Patch, StoreError, StoreKey, Timestamp};
use sqlx::{Row as _, query};

use super::Postgres;
use super::calls::{Update, Updated};
use super::changes::Changes;
use super::execute::Failure;
use super::queue::{Turn, Waiting};
use super::reply::read_patched;
use super::sealed::SealedWrite;
use crate::connection::Connection;
use crate::error::Damage;
use crate::meta::encode_time;
use crate::outcome::Outcome;
use crate::table::Statement;

/// Bytes from which on an update is not executed together with others, which would wait for it.
const LARGE: usize = 16 << 10;

impl Postgres {
    pub(crate) async fn update(
        &self,
        key: &StoreKey,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        if let Some(seal) = &self.seal {
            let write = SealedWrite { seal, key, new_key: None, patch, limit: None, now };
            return Ok(self.write_sealed(&write).await?.result);
        }
        let changes = Changes::new(patch);
        if !changes.are_simple() {
            let row = self.patch(key, None, patch, &changes, None, now).await?;
            return Ok(read_patched(&row.ok_or(Damage::Column)?)?.result);
        }
        let update = Arc::new(Update { key: *key, changes, idle_deadline: patch.idle_deadline(), now });
        if update.changes.size() >= LARGE {
            return self.update_alone(None, &update).await;
        }
        let updated = match self.updates.wait(Arc::clone(&update), self.acquire()).await? {
            Turn::Executed(updated) => updated.unwrap_or(Some(Err(StoreError::Timeout))),
            Turn::Connected { connection, others, .. } if others.is_empty() => {
                return self.update_alone(Some(connection), &update).await;
            }
            // Others wait for it too, so that it goes on whatever happens to this future.
            Turn::Connected { connection, call, others } => {
                let touches = once(&call)
                    .chain(others.iter().map(|other| &other.call))
                    .any(|update| update.idle_deadline.is_some());
                let statement = self.statements.set_all(touches).clone();
                let updated = tokio::spawn(update_together(connection, statement, call, others));
                updated.await.unwrap_or(Some(Err(StoreError::Timeout)))
            }
        };
        match updated {
            Some(updated) => updated,
            None => self.update_alone(None, &update).await,
        }
    }

    /// Updates a session on this connection, or on one of the pool.
    async fn update_alone(
        &self,
        connection: Option<Connection<sqlx::Postgres>>,
        update: &Update,
    ) -> Result<Outcome, StoreError> {
        let Update { key, changes, idle_deadline, now } = update;
        let statement = self.statements.set(changes.add(), idle_deadline.is_some());
        let call = || {
            let call = query(statement.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(*now));
            changes.bind_simple(call, idle_deadline.map(encode_time))
        };
        let row = match connection {
            Some(connection) => self.execute_on(connection, call).await,
            None => self.execute(call).await,
        };
        Ok(row?.map_or(Outcome::Gone, |_| Outcome::Done))
    }
}

/// Updates several sessions. Those that it does not find, or that another write has locked, are to be updated alone.
async fn update_together(
    mut connection: Connection<sqlx::Postgres>,
    statement: Statement,
    own: Arc<Update>,
    others: Vec<Waiting<Arc<Update>, Updated>>,
) -> Updated {
    // A statement changes each session once.
    let mut keys = HashSet::from([own.key]);
    let (others, repeated): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|other| keys.insert(other.call.key));
    for update in repeated {
        update.finish(None);
    }

    let updates: Vec<_> = once(&own).chain(others.iter().map(|other| &other.call)).collect();
    let call = query(statement.sql())
        .bind(updates.iter().map(|update| update.key.as_bytes().as_slice()).collect::<Vec<_>>())
        .bind(updates.iter().map(|update| encode_time(update.now)).collect::<Vec<_>>())
        .bind(updates.iter().map(|update| update.changes.joined_names()).collect::<Vec<_>>())
        .bind(updates.iter().map(|update| update.changes.set_fields()).collect::<Vec<_>>())
        .bind(updates.iter().map(|update| update.idle_deadline.map(encode_time)).collect::<Vec<_>>())
        .bind(updates.iter().map(|update| update.changes.additions()).collect::<Vec<_>>());
    let rows = connection.deadline().wait_for(call.fetch_all(&mut *connection)).await;
    let rows = rows.flatten().map_err(Failure::new);
    drop(connection);
    let written: Result<HashSet<&[u8]>, _> = match &rows {
        Ok(rows) => Ok(rows.iter().filter_map(|row| row.try_get(0).ok()).collect()),
        Err(failure) => Err(failure),
    };
    let result = |update: &Update| match &written {
        Ok(written) => written.contains(update.key.as_bytes().as_slice()).then_some(Ok(Outcome::Done)),
        Err(Failure::Unconfirmed(_)) => Some(Err(StoreError::Timeout)),
        Err(_) => None,
    };
    for other in others {
        let result = result(&other.call);
        other.finish(result);
    }
    result(&own)
}
