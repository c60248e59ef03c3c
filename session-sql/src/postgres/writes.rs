//! Writes of single sessions, but for updates.

use session_core::{Limited, Patch, Record, SessionLimit, StoreError, StoreKey, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::query;

use super::Postgres;
use super::changes::{Changes, Fields};
use super::execute::Failure;
use super::parameters::{LimitColumns, bind_limit, bind_meta, bind_meta_changes};
use super::query::Call;
use super::reply::{read_patched, read_written};
use super::sealed::SealedWrite;
use crate::error::Damage;
use crate::meta::{MetaColumns, encode_time};
use crate::outcome::Outcome;

impl Postgres {
    pub(crate) async fn create(
        &self,
        key: &StoreKey,
        record: &Record,
        limit: Option<SessionLimit<'_>>,
        now: Timestamp,
    ) -> Result<Limited<Outcome>, StoreError> {
        let seal = self.seal.as_ref();
        let limit = limit.map(|limit| LimitColumns::new(limit, seal));
        let fields = match seal {
            None => Fields::from(record),
            Some(seal) => Fields::sealed(record, key, seal),
        };
        let statement = match limit {
            None => &self.statements.create,
            Some(_) => &self.statements.create_limited,
        };
        let call = || {
            let call = query(statement.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
            let meta = match seal {
                None => MetaColumns::from(record.meta()),
                Some(_) => MetaColumns::of_sealed(record.meta()),
            };
            fields.bind(bind_limit(bind_meta(call, meta), limit.as_ref()))
        };
        let created = read_written(&self.execute_within(limit.as_ref(), call).await?.ok_or(Damage::Column)?)?;
        Ok(Limited { result: created.result.unwrap_or(Outcome::KeyInUse), evicted: created.evicted })
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
        if let Some(seal) = &self.seal {
            return self
                .write_sealed(&SealedWrite { seal, key, new_key: Some(new_key), patch, limit, now })
                .await;
        }
        let limit = limit.map(|limit| LimitColumns::new(limit, None));
        match self.patch(key, Some(new_key), patch, &Changes::new(patch), limit.as_ref(), now).await {
            Err(failure) if failure.is_unique_violation() => Ok(Outcome::KeyInUse.into()),
            row => read_patched(&row?.ok_or(Damage::Column)?),
        }
    }

    pub(super) async fn patch(
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
            Some(limit) => self.execute_locked(&limit.held.lock_numbers(), call).await,
        }
    }
}
