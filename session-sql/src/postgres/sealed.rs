//! Sealed sessions.
//!
//! Where others have an object of fields, the row has the sealed record as a string: a store without the key can neither
//! read nor patch it. Of the indexed fields it has the digests, so that all statements that destroy sessions verify
//! without a key whether a session holds a value.

use session_core::{Conflict, Limited, Patch, SessionLimit, StoreError, StoreKey, Timestamp};
use sqlx::postgres::PgConnection;
use sqlx::query;

use super::Postgres;
use super::changes::Fields;
use super::execute::{Failure, MAX_DEADLOCKS};
use super::fields::escape;
use super::parameters::{LimitColumns, bind_limit, bind_meta};
use super::reply::read_written;
use super::row::{read_object, read_record};
use super::transaction::Transaction;
use crate::error::Damage;
use crate::meta::{MetaColumns, encode_time};
use crate::outcome::Outcome;
use crate::seal::Seal;
use crate::table::Statement;

/// A change of a sealed session.
pub(super) struct SealedWrite<'a> {
    pub(super) seal: &'a Seal,
    pub(super) key: &'a StoreKey,
    pub(super) new_key: Option<&'a StoreKey>,
    pub(super) patch: &'a Patch,
    pub(super) limit: Option<SessionLimit<'a>>,
    pub(super) now: Timestamp,
}

impl Postgres {
    /// Reads the session, changes and seals it, and writes it unless another write came in between.
    ///
    /// The first attempt takes no lock. The others start with one on the session, so that they read what the write before
    /// has left and none comes in between. A limit takes the locks of its value first.
    pub(super) async fn write_sealed(&self, write: &SealedWrite<'_>) -> Result<Limited<Outcome>, StoreError> {
        let limit = write.limit.map(|limit| LimitColumns::new(limit, Some(write.seal)));
        if limit.is_none() {
            let mut connection = self.acquire().await?;
            let deadline = connection.deadline();
            let attempt = self.try_sealed(&mut connection, &self.statements.load, write, None);
            match deadline.wait_for(attempt).await.map_err(Failure::Unconfirmed).flatten() {
                Ok(Some(written)) => return Ok(written),
                Ok(None) => {}
                Err(failure) if failure.can_be_repeated() => {}
                Err(failure) => return outcome_of(failure),
            }
        }
        let mut repetitions = 0;
        loop {
            match self.write_locked(write, limit.as_ref()).await {
                Err(failure) if failure.can_be_repeated() && repetitions < MAX_DEADLOCKS => repetitions += 1,
                Err(failure) => return outcome_of(failure),
                Ok(written) => return Ok(written),
            }
        }
    }

    async fn write_locked(
        &self,
        write: &SealedWrite<'_>,
        limit: Option<&LimitColumns>,
    ) -> Result<Limited<Outcome>, Failure> {
        let (begin, load) = match limit {
            None => (self.statements.begin.text().to_owned(), &self.statements.load_locked),
            Some(limit) => (self.begin_locked(&limit.held.lock_numbers()), &self.statements.load),
        };
        let connection = self.acquire().await?;
        let mut transaction = Transaction::begin(connection, begin).await.map_err(Failure::RolledBack)?;
        let written = loop {
            // An attempt under a limit that comes to nothing leaves the session locked for the next one.
            let deadline = transaction.deadline();
            let attempt = deadline.wait_for(self.try_sealed(&mut transaction, load, write, limit)).await;
            let attempt = attempt.map_err(Failure::RolledBack).flatten();
            if let Some(written) = attempt.map_err(Failure::rolled_back)? {
                break written;
            }
        };
        transaction.commit().await.map_err(Failure::new)?;
        Ok(written)
    }

    /// `None` if the session was written between reading and writing it.
    async fn try_sealed(
        &self,
        connection: &mut PgConnection,
        load: &Statement,
        write: &SealedWrite<'_>,
        limit: Option<&LimitColumns>,
    ) -> Result<Option<Limited<Outcome>>, Failure> {
        let SealedWrite { seal, key, new_key, patch, now, .. } = *write;
        let call = query(load.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
        let row = call.fetch_optional(&mut *connection).await.map_err(Failure::RolledBack)?;
        let Some(row) = row else { return Ok(Some(Outcome::Gone.into())) };
        let old = read_record(&row, Some(seal))?;
        if !old.is_live(now) {
            return Ok(Some(Outcome::Gone.into()));
        }
        let new = match old.apply(patch) {
            Ok(new) => new,
            Err(Conflict(name)) => return Ok(Some(Outcome::Conflict(name).into())),
        };
        let fields = Fields::sealed(&new, new_key.unwrap_or(key), seal);
        let changed = new.indexed().filter(|(name, value)| old.get(name) != Some(value));
        let changed: Vec<_> = changed.map(|(name, _)| escape(name).into_owned()).collect();
        let statement = match limit {
            None => &self.statements.reseal,
            Some(_) => &self.statements.reseal_limited,
        };
        let call = query(statement.sql()).bind(key.as_bytes().as_slice()).bind(encode_time(now));
        let call = bind_limit(bind_meta(call, MetaColumns::of_sealed(new.meta())), limit);
        let call = fields
            .bind(call)
            .bind(&changed)
            .bind(read_object(&row, 9)?)
            .bind(new_key.map(|key| key.as_bytes().as_slice()));
        let row = call.fetch_optional(&mut *connection).await.map_err(Failure::new)?;
        let Limited { result, evicted } = read_written(&row.ok_or(Damage::Column)?)?;
        Ok(result.map(|result| Limited { result, evicted }))
    }
}

fn outcome_of(failure: Failure) -> Result<Limited<Outcome>, StoreError> {
    if failure.is_unique_violation() { Ok(Outcome::KeyInUse.into()) } else { Err(failure.into()) }
}
