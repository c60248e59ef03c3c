//! Writes of single sessions.

use session_core::{Evict, Limited, Meta, Patch, Record, SessionLimit, StoreError, StoreKey, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::Postgres;
use super::changes::{Changes, Fields};
use super::destroy::read_handle_ids;
use super::execute::{Call, Failure};
use super::fields::{Object, unescape};
use crate::error::{Damage, failed};
use crate::index_key::{IndexKey, index_key};
use crate::meta::{MetaColumns, encode_duration, encode_time};
use crate::outcome::Outcome;

/// The parameters of a session limit.
struct LimitColumns {
    digest: IndexKey,
    field: Object,
    max: i64,
    rejects: bool,
}

impl From<SessionLimit<'_>> for LimitColumns {
    fn from(limit: SessionLimit<'_>) -> Self {
        Self {
            digest: index_key(limit.name, limit.value),
            field: Object::of(limit.name, limit.value),
            max: i64::try_from(limit.max.get()).unwrap_or(i64::MAX),
            rejects: limit.on_full == Evict::Reject,
        }
    }
}

impl LimitColumns {
    /// A number that stands for the value. Others may share it: they wait for each other.
    fn lock_number(&self) -> i32 {
        let [a, b, c, d, ..] = self.digest;
        i32::from_le_bytes([a, b, c, d])
    }
}

fn bind_limit<'q>(call: Call<'q>, limit: Option<&'q LimitColumns>) -> Call<'q> {
    call.bind(limit.map(|limit| limit.digest.as_slice()))
        .bind(limit.map(|limit| limit.field.as_json()))
        .bind(limit.map(|limit| limit.max))
        .bind(limit.map(|limit| limit.rejects))
}

/// Binds the metadata of a new session.
fn bind_meta(call: Call<'_>, meta: Meta) -> Call<'_> {
    let columns = MetaColumns::from(meta);
    call.bind(columns.handle_id)
        .bind(columns.created_at)
        .bind(columns.authenticated_at)
        .bind(columns.idle_timeout)
        .bind(columns.idle_deadline)
        .bind(columns.lifetime_deadline)
        .bind(columns.remember)
        .bind(None::<i64>)
}

/// Binds what a patch changes in the metadata.
fn bind_meta_changes<'q>(call: Call<'q>, patch: &Patch) -> Call<'q> {
    let (identity, deadlines) = (patch.identity(), patch.deadlines());
    call.bind(identity.map(|(id, _)| id.as_bytes().to_vec()))
        .bind(identity.map(|(_, created_at)| encode_time(created_at)))
        .bind(patch.authenticated_at().map(encode_time))
        .bind(deadlines.map(|new| encode_duration(new.idle_timeout)))
        .bind(deadlines.map(|new| encode_time(new.idle_deadline)))
        .bind(deadlines.map(|new| encode_time(new.lifetime_deadline)))
        .bind(deadlines.map(|new| new.remember))
        .bind(patch.idle_deadline().map(encode_time))
}

impl Postgres {
    pub(crate) async fn create(
        &self,
        key: &StoreKey,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let (fields, limit) = (Fields::from(record), limit.map(LimitColumns::from));
        let statement = match limit {
            None => &self.statements.create,
            Some(_) => &self.statements.create_limited,
        };
        let call = || {
            let call = query(statement.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
            fields.bind(bind_limit(bind_meta(call, record.meta()), limit.as_ref()))
        };
        read_created(&self.execute_within(limit.as_ref(), call).await?.ok_or(Damage::Column)?)
    }

    pub(crate) async fn update(
        &self,
        key: &StoreKey,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let changes = Changes::new(patch);
        if !changes.are_simple() {
            return Ok(read_patched(
                &self.patch(key, None, patch, &changes, None, now).await?.ok_or(Damage::Column)?,
            )?
            .result);
        }
        let statement = if changes.add() { &self.statements.set_and_add } else { &self.statements.set };
        let call = || {
            let call = query(statement.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
            changes.bind_simple(bind_meta_changes(call, patch))
        };
        Ok(self.execute(call).await?.map_or(Outcome::Gone, |_| Outcome::Done))
    }

    pub(crate) async fn touch(
        &self,
        key: &StoreKey,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let call = || {
            query(self.statements.touch.sql())
                .bind(key.as_bytes().as_slice())
                .bind(encode_time(now))
                .bind(encode_time(idle_deadline))
        };
        Ok(self.execute(call).await?.map_or(Outcome::Gone, |_| Outcome::Done))
    }

    pub(crate) async fn renew(
        &self,
        key: &StoreKey,
        new_key: &StoreKey,
        patch: &Patch,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let limit = limit.map(LimitColumns::from);
        match self.patch(key, Some(new_key), patch, &Changes::new(patch), limit.as_ref(), now).await {
            Err(failure) if failure.is_unique_violation() => Ok(Outcome::KeyInUse.into()),
            row => read_patched(&row?.ok_or(Damage::Column)?),
        }
    }

    async fn patch(
        &self,
        key: &StoreKey,
        new_key: Option<&StoreKey>,
        patch: &Patch,
        changes: &Changes,
        limit: Option<&LimitColumns>,
        now: Timestamp,
    ) -> Result<Option<PgRow>, Failure> {
        let statement = match limit {
            None => &self.statements.patch,
            Some(_) => &self.statements.patch_limited,
        };
        let call = || {
            let call = query(statement.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
            changes
                .bind(bind_limit(bind_meta_changes(call, patch), limit))
                .bind(new_key.map(|key| key.as_bytes().as_slice()))
        };
        self.execute_within(limit, call).await
    }

    async fn execute_within<'q>(
        &self,
        limit: Option<&LimitColumns>,
        call: impl Fn() -> Call<'q> + Send + Sync,
    ) -> Result<Option<PgRow>, Failure> {
        match limit {
            None => self.execute(call).await,
            Some(limit) => self.execute_locked(limit.lock_number(), call).await,
        }
    }
}

fn read_created(row: &PgRow) -> Result<Limited<Outcome>, StoreError> {
    let columns = || Ok((row.try_get(0)?, row.try_get(1)?));
    let (is_created, is_refused): (bool, bool) = columns().map_err(|error| failed(&error))?;
    let result = match (is_created, is_refused) {
        (true, _) => Outcome::Done,
        (false, true) => Outcome::LimitReached,
        (false, false) => Outcome::KeyInUse,
    };
    Ok(Limited { result, evicted: read_handle_ids(row, 2)? })
}

fn read_patched(row: &PgRow) -> Result<Limited<Outcome>, StoreError> {
    let columns = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let (is_live, conflict, is_refused): (bool, Option<&str>, bool) =
        columns().map_err(|error| failed(&error))?;
    let result = match conflict {
        _ if !is_live => Outcome::Gone,
        Some(name) => Outcome::Conflict(unescape(name).ok_or(Damage::Fields)?.into_owned()),
        None if is_refused => Outcome::LimitReached,
        None => Outcome::Done,
    };
    Ok(Limited { result, evicted: read_handle_ids(row, 3)? })
}
