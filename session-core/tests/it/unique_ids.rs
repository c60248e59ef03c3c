//! A store that refuses a handle id which it has seen before, as a column without duplicates does.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use session_core::{
    DynStore, HandleId, Limited as LimitedResult, Patch, Record, SessionLimit, StoreError, Timestamp, Token,
    Wrapper, WriteOutcome, conformance,
};

use crate::limited::{Fault, Limited};

struct UniqueIds {
    store: Limited,
    seen: Mutex<BTreeSet<HandleId>>,
}

impl UniqueIds {
    fn new() -> Self {
        Self { store: Limited::new(Fault::None), seen: Mutex::default() }
    }

    fn refuse_if_seen(&self, id: HandleId) -> Result<(), StoreError> {
        let is_new = self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        if is_new { Ok(()) } else { Err(StoreError::Unavailable("duplicate key".into())) }
    }
}

impl Wrapper for UniqueIds {
    fn inner(&self) -> &dyn DynStore {
        &self.store
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.refuse_if_seen(record.meta().id)?;
        self.inner().create(record, now).await
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<LimitedResult<Option<Token>>, StoreError> {
        self.refuse_if_seen(record.meta().id)?;
        self.inner().create_limited(record, limit, now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        if let Some((id, _)) = patch.identity()
            && self.inner().load(token, now).await?.is_some_and(|record| record.meta().id != id)
        {
            self.refuse_if_seen(id)?;
        }
        self.inner().renew(token, patch, now).await
    }
}

#[tokio::test]
async fn the_suite_uses_no_handle_id_for_two_sessions() {
    conformance::run(async || UniqueIds::new()).await;
}
