//! Creates, updates and renews sessions, each in one transaction.

use session_core::{HandleId, Limited, Patch, Record, SessionLimit, StoreError, StoreKey, Timestamp};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::Sqlite;
use super::retry::Failure;
use super::rollback::{close_if_in_transaction, roll_back_failed};
use crate::index_key::{IndexKey, index_keys, index_keys_of};
use crate::limit::{Holder, evicted_ids, make_room};
use crate::meta::{MetaColumns, encode_time};
use crate::outcome::Outcome;
use crate::record::encode_record;
use crate::rewrite::{Replaced, Rewrite};
use crate::rows::{read_handle, read_session};
use crate::write::{Change, Write};

impl Sqlite {
    pub(crate) async fn create(
        &self,
        key: &StoreKey,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let write = Write { key, change: Change::Create(record), limit, now };
        self.write(|| self.transact(&write)).await
    }

    pub(crate) async fn update(
        &self,
        key: &StoreKey,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let write = Write { key, change: Change::Patch { new_key: None, patch }, limit: None, now };
        Ok(self.write(|| self.transact(&write)).await?.result)
    }

    pub(crate) async fn renew(
        &self,
        key: &StoreKey,
        new_key: &StoreKey,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let write = Write { key, change: Change::Patch { new_key: Some(new_key), patch }, limit, now };
        self.write(|| self.transact(&write)).await
    }

    pub(crate) async fn touch(
        &self,
        key: &StoreKey,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        if self.seal.is_some() {
            return self.update(key, &Patch::new().touch(idle_deadline), now).await;
        }
        let touch = || async {
            let query = sqlx::query(self.statements.touch.sql())
                .bind(encode_time(idle_deadline))
                .bind(&key.as_bytes()[..])
                .bind(encode_time(now));
            Ok(query.execute(&self.pool).await?.rows_affected())
        };
        Ok(if self.write(touch).await? > 0 { Outcome::Done } else { Outcome::Gone })
    }

    /// Executes a write in a transaction, and commits it if it is done.
    async fn transact(&self, write: &Write<'_>) -> Result<Limited<Outcome>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("begin immediate").await?;
        let written = self.execute(&mut transaction, write).await;
        let ended = match &written {
            Ok(written) if written.result == Outcome::Done => transaction.commit().await,
            Ok(_) => transaction.rollback().await,
            Err(_) => roll_back_failed(transaction).await,
        };
        if ended.is_err() {
            close_if_in_transaction(&mut connection).await;
        }
        // The first failure counts.
        let written = written?;
        ended?;
        Ok(written)
    }

    async fn execute(
        &self,
        connection: &mut SqliteConnection,
        write: &Write<'_>,
    ) -> Result<Limited<Outcome>, Failure> {
        let seal = self.seal.as_ref();
        match write.change {
            Change::Create(record) => {
                let Some(evicted) = self.make_room(connection, write.limit, write.now).await? else {
                    return Ok(Outcome::LimitReached.into());
                };
                let (bytes, meta) = encode_record(record, write.key, seal);
                let query =
                    sqlx::query(self.statements.insert.sql()).bind(&write.key.as_bytes()[..]).bind(&*bytes);
                let inserted = bind_meta(query, meta).execute(&mut *connection).await?;
                if inserted.rows_affected() == 0 {
                    return Ok(Outcome::KeyInUse.into());
                }
                self.add_values(connection, inserted.last_insert_rowid(), &index_keys_of(record, seal))
                    .await?;
                Ok(Limited { result: Outcome::Done, evicted })
            }
            Change::Patch { new_key, patch } => {
                let query = sqlx::query(self.statements.load.sql())
                    .bind(&write.key.as_bytes()[..])
                    .bind(encode_time(write.now));
                let Some(row) = query.fetch_optional(&mut *connection).await? else {
                    return Ok(Outcome::Gone.into());
                };
                let session: i64 = row.try_get(0)?;
                let Some(old) = read_session(&row, seal, write.now)? else { return Ok(Outcome::Gone.into()) };
                let rewrite = match Rewrite::new(&old, patch, seal) {
                    Ok(rewrite) => rewrite,
                    Err(conflict) => return Ok(Outcome::from(conflict).into()),
                };
                // A session that already holds the value keeps its position.
                let limit = write.limit.filter(|limit| old.get(limit.name) != Some(limit.value));
                let Some(evicted) = self.make_room(connection, limit, write.now).await? else {
                    return Ok(Outcome::LimitReached.into());
                };
                let key = new_key.unwrap_or(write.key);
                let (bytes, meta) = encode_record(&rewrite.record, key, seal);
                let query = sqlx::query(self.statements.update.sql()).bind(&key.as_bytes()[..]).bind(&*bytes);
                let query = bind_meta(query, meta).bind(session);
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(Outcome::KeyInUse.into());
                }
                self.remove_values(connection, session, &rewrite.removed).await?;
                self.replace_values(connection, session, &rewrite.replaced).await?;
                self.add_values(connection, session, &rewrite.added).await?;
                Ok(Limited { result: Outcome::Done, evicted })
            }
        }
    }

    /// Destroys the sessions that make room for one more with the value of the limit, and returns the handle ids of
    /// the live ones. `None` if there is no room.
    async fn make_room(
        &self,
        connection: &mut SqliteConnection,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Option<Vec<HandleId>>, Failure> {
        let Some(limit) = limit else { return Ok(Some(Vec::new())) };
        let digests = index_keys(limit.name, limit.value, self.seal.as_ref());
        let mut query = sqlx::query(self.statements.holders.sql()).bind(encode_time(now));
        for digest in &digests {
            query = query.bind(&digest[..]);
        }
        let rows = query.fetch_all(&mut *connection).await?;
        let holders = rows.iter().map(|row| {
            let (handle_id, is_live) = read_handle(row, 1)?;
            Ok(Holder { session: row.try_get(0)?, handle_id, is_live })
        });
        let holders = holders.collect::<Result<_, sqlx::Error>>()?;
        let Some(evicted) = make_room(holders, limit) else { return Ok(None) };
        for holder in &evicted {
            let query = sqlx::query(self.statements.delete.sql()).bind(holder.session);
            query.execute(&mut *connection).await?;
        }
        Ok(Some(evicted_ids(&evicted)))
    }

    async fn add_values(
        &self,
        connection: &mut SqliteConnection,
        session: i64,
        digests: &[IndexKey],
    ) -> Result<(), Failure> {
        for digest in digests {
            let query = sqlx::query(self.statements.add_value.sql()).bind(session).bind(&digest[..]);
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn remove_values(
        &self,
        connection: &mut SqliteConnection,
        session: i64,
        digests: &[IndexKey],
    ) -> Result<(), Failure> {
        for digest in digests {
            let query = sqlx::query(self.statements.remove_value.sql()).bind(session).bind(&digest[..]);
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn replace_values(
        &self,
        connection: &mut SqliteConnection,
        session: i64,
        values: &[Replaced],
    ) -> Result<(), Failure> {
        for Replaced { older, current } in values {
            for digest in older {
                let query = sqlx::query(self.statements.replace_value.sql()).bind(&current[..]);
                query.bind(session).bind(&digest[..]).execute(&mut *connection).await?;
            }
        }
        Ok(())
    }
}

/// Appends the metadata to the parameters of a statement.
fn bind_meta(
    query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    meta: MetaColumns,
) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    query
        .bind(meta.handle_id)
        .bind(meta.created_at)
        .bind(meta.authenticated_at)
        .bind(meta.idle_deadline)
        .bind(meta.idle_timeout)
        .bind(meta.lifetime_deadline)
        .bind(meta.remember)
}
