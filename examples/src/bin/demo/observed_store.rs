//! A wrapper of the store that records what each request does to it, and fails while it is stopped.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use session::store::{DynStore, Patch, Wrapper, WriteOutcome};
use session::{HandleId, Record, StoreError, Timestamp, Token};

use crate::calls::{self, Plan};

/// Stops a store and starts it again.
#[derive(Default)]
pub(crate) struct Switch(AtomicBool);

impl Switch {
    pub(crate) fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn start(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct ObservedStore {
    inner: Box<dyn DynStore>,
    switch: Arc<Switch>,
}

impl ObservedStore {
    pub(crate) fn new(inner: Box<dyn DynStore>, switch: Arc<Switch>) -> Self {
        Self { inner, switch }
    }

    /// Awaits one call of the store and records that it happened.
    async fn call<R>(&self, call: impl Future<Output = Result<R, StoreError>>) -> Result<R, StoreError> {
        if self.switch.is_stopped() {
            let cause = io::Error::other("it was stopped on the page for failures");
            return Err(StoreError::Unavailable(cause.into()));
        }
        let start = Instant::now();
        let result = call.await;
        calls::record(|calls| {
            calls.count += 1;
            calls.time += start.elapsed();
        });
        result
    }
}

impl Wrapper for ObservedStore {
    fn inner(&self) -> &dyn DynStore {
        &self.inner
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let record = self.call(self.inner().load(token, now)).await?;
        calls::record(|calls| calls.loaded(record.as_ref()));
        Ok(record)
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        let token = self.call(self.inner().create(record, now)).await?;
        calls::record(|calls| calls.created(record));
        Ok(token)
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let outcome = self.call(self.inner().update(token, patch, now)).await?;
        calls::record(|calls| calls.wrote(Plan::Update, patch, &outcome));
        Ok(outcome)
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        let outcome = self.call(self.inner().touch(token, idle_deadline, now)).await?;
        calls::record(|calls| calls.wrote(Plan::Touch, &Patch::new(), &outcome));
        Ok(outcome)
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        let outcome = self.call(self.inner().renew(token, patch, now)).await?;
        calls::record(|calls| calls.wrote(Plan::Renew, patch, &outcome));
        Ok(outcome)
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        let was_live = self.call(self.inner().destroy(token)).await?;
        calls::record(|calls| calls.plan = Plan::Destroy);
        Ok(was_live)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.call(self.inner().ping()).await
    }

    async fn find_by(
        &self,
        name: &str,
        value: &[u8],
        fields: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        self.call(self.inner().find_by(name, value, fields, now)).await
    }

    async fn destroy_by(
        &self,
        name: &str,
        value: &[u8],
        except: Option<HandleId>,
        now: Timestamp,
    ) -> Result<Vec<HandleId>, StoreError> {
        self.call(self.inner().destroy_by(name, value, except, now)).await
    }

    async fn destroy_by_id(
        &self,
        id: HandleId,
        holding: Option<(&str, &[u8])>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.call(self.inner().destroy_by_id(id, holding, now)).await
    }
}
