//! Creates, updates and renews sessions, each in one transaction of at most two round trips.

use session_core::{HandleId, Limited, Patch, Record, SessionLimit, StoreError, StoreKey, Timestamp};
use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::MySql;
use super::retry::{Failure, is_duplicate};
use super::script::Script;
use super::transaction::{Transaction, rows};
use crate::error::unavailable;
use crate::index_key::{index_keys, index_keys_of};
use crate::limit::{Holder, make_room};
use crate::meta::encode_time;
use crate::outcome::Outcome;
use crate::rewrite::Rewrite;
use crate::rows::{read_handle, read_session};
use crate::write::{Change, Write};

/// The rows that the first script of a transaction returned.
#[derive(Default)]
struct Read {
    /// The session that a patch changes.
    session: Option<MySqlRow>,
    /// The sessions that hold the value of the limit.
    holders: Vec<Holder>,
}

/// The second script, and the sessions that it evicts: the number of the statement, and the handle id.
struct Plan<'a> {
    script: Script<'a>,
    evicted: Vec<(usize, HandleId)>,
}

impl MySql {
    pub(crate) async fn create(
        &self,
        key: &StoreKey,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let write = Write { key, change: Change::Create(record), limit, now };
        self.transact(|| self.try_write(&write)).await
    }

    pub(crate) async fn update(
        &self,
        key: &StoreKey,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let write = Write { key, change: Change::Patch { new_key: None, patch }, limit: None, now };
        Ok(self.transact(|| self.try_write(&write)).await?.result)
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
        self.transact(|| self.try_write(&write)).await
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
        let touch = || {
            sqlx::query(self.statements.touch.sql())
                .bind(encode_time(idle_deadline))
                .bind(&key.as_bytes()[..])
                .bind(encode_time(now))
        };
        Ok(if self.execute(touch).await? > 0 { Outcome::Done } else { Outcome::Gone })
    }

    async fn try_write(&self, write: &Write<'_>) -> Result<Limited<Outcome>, Failure> {
        let mut transaction = self.transaction().await?;
        let locks = write.limit.map_or(Vec::new(), |limit| self.lock_names(limit));
        let written = self.write(&mut transaction, write, &locks).await;
        if written.is_ok() || self.roll_back(&mut transaction, &locks).await.is_ok() {
            transaction.release();
        }
        written
    }

    async fn write(
        &self,
        transaction: &mut Transaction,
        write: &Write<'_>,
        locks: &[String],
    ) -> Result<Limited<Outcome>, Failure> {
        let read = self.read_locked(transaction, write, locks).await?;
        let Plan { mut script, evicted } = match self.plan(write, read, locks.is_empty())? {
            Ok(plan) => plan,
            Err(outcome) => {
                self.roll_back(transaction, locks).await.map_err(|error| Failure::failed(&error))?;
                return Ok(outcome.into());
            }
        };
        script.commit();
        script.unlock(locks);
        self.check_length(transaction, &script).await?;
        match transaction.run(script).await {
            Ok(replies) => {
                let was_there =
                    |at: usize| replies.get(at).is_some_and(|reply| reply.result.rows_affected() > 0);
                let evicted = evicted.into_iter().filter(|(at, _)| was_there(*at)).map(|(_, id)| id);
                Ok(Limited { result: Outcome::Done, evicted: evicted.collect() })
            }
            Err(error) if is_duplicate(&error) => {
                self.roll_back(transaction, locks).await.map_err(|error| Failure::failed(&error))?;
                Ok(Outcome::KeyInUse.into())
            }
            Err(error) => Err(Failure::unconfirmed(&error)),
        }
    }

    /// Executes the first script, unless there is nothing to read. It acquires the locks of the limit's value before any
    /// row, so that concurrent logins with the same value do not deadlock.
    async fn read_locked(
        &self,
        transaction: &mut Transaction,
        write: &Write<'_>,
        locks: &[String],
    ) -> Result<Read, Failure> {
        let mut script = Script::new(&self.names);
        let locked: Vec<_> = locks.iter().map(|lock| script.lock(lock, self.lock_seconds())).collect();
        script.begin();
        let session = match write.change {
            Change::Create(_) if locks.is_empty() => return Ok(Read::default()),
            Change::Create(_) => None,
            Change::Patch { .. } => Some(script.lock_session(write.key, self.seal.as_ref(), write.now)),
        };
        let holders = write
            .limit
            .map(|limit| script.holders(&index_keys(limit.name, limit.value, self.seal.as_ref()), write.now));
        let mut replies = transaction.run(script).await.map_err(|error| Failure::failed(&error))?;
        let is_locked =
            |at| rows(&replies, at).any(|row| matches!(row.try_get::<Option<i64>, _>(0), Ok(Some(1))));
        if !locked.into_iter().all(is_locked) {
            let text = "concurrent logins of the same user held their lock for too long";
            return Err(Failure::Store(unavailable(text)));
        }
        let holder = |row: &MySqlRow| {
            let (handle_id, is_live) = read_handle(row, 1)?;
            Ok(Holder { session: row.try_get(0)?, handle_id, is_live })
        };
        let holders = holders.into_iter().flat_map(|at| rows(&replies, at)).map(holder);
        let holders: Result<_, sqlx::Error> = holders.collect();
        let holders = holders.map_err(|error| Failure::failed(&error))?;
        Ok(Read { session: session.and_then(|at| replies.get_mut(at)?.rows.pop()), holders })
    }

    /// Returns the second script, or the outcome if there is nothing to write. With `begins` there was no first one.
    fn plan(
        &self,
        write: &Write<'_>,
        read: Read,
        begins: bool,
    ) -> Result<Result<Plan<'_>, Outcome>, Failure> {
        let seal = self.seal.as_ref();
        let mut script = Script::new(&self.names);
        let room = |limit: Option<SessionLimit<'_>>, script: &mut Script<'_>| {
            let Some(limit) = limit else { return Some(Vec::new()) };
            let destroyed = make_room(read.holders, limit)?;
            let evict = |holder: Holder| {
                let at = script.delete(holder.session);
                holder.handle_id.filter(|_| holder.is_live).map(|id| (at, id))
            };
            Some(destroyed.into_iter().filter_map(evict).collect())
        };
        match write.change {
            Change::Create(record) => {
                if begins {
                    script.begin();
                }
                let Some(evicted) = room(write.limit, &mut script) else {
                    return Ok(Err(Outcome::LimitReached));
                };
                script.insert(write.key, record, seal);
                script.add_values(None, &index_keys_of(record, seal));
                Ok(Ok(Plan { script, evicted }))
            }
            Change::Patch { new_key, patch } => {
                let Some(row) = read.session else { return Ok(Err(Outcome::Gone)) };
                let session: i64 = row.try_get(0).map_err(|error| Failure::failed(&error))?;
                let Some(old) = read_session(&row, seal, write.now)? else { return Ok(Err(Outcome::Gone)) };
                let rewrite = match Rewrite::new(&old, patch, seal) {
                    Ok(rewrite) => rewrite,
                    Err(conflict) => return Ok(Err(conflict.into())),
                };
                // A session that already holds the value keeps its position.
                let limit = write.limit.filter(|limit| old.get(limit.name) != Some(limit.value));
                let Some(evicted) = room(limit, &mut script) else { return Ok(Err(Outcome::LimitReached)) };
                script.update(session, new_key.unwrap_or(write.key), &rewrite.record, seal);
                script.remove_values(session, &rewrite.removed);
                script.replace_values(session, &rewrite.replaced);
                script.add_values(Some(session), &rewrite.added);
                Ok(Ok(Plan { script, evicted }))
            }
        }
    }
}
