//! A store that counts its calls, and fails or hangs on demand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use session::{MemoryStore, Record, Store, StoreError, Timestamp, Token};
use session_core::{DynStore, Limited, Patch, SessionLimit, Wrapper, WriteOutcome};
use tokio::sync::Notify;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    Load,
    Create,
    Update,
    Touch,
    Renew,
    Destroy,
    CreateLimited,
    RenewLimited,
}

/// Wraps a memory store by default.
#[derive(Default)]
pub(crate) struct SpyStore<S = MemoryStore> {
    pub(crate) inner: Arc<S>,
    state: Arc<Mutex<State>>,
    resumed: Arc<Notify>,
}

#[derive(Default)]
struct State {
    calls: Vec<Verb>,
    failing: HashMap<Verb, fn() -> StoreError>,
    hanging: Vec<Verb>,
    patches: Vec<Patch>,
}

impl<S> SpyStore<S> {
    pub(crate) fn over(inner: S) -> Self {
        Self { inner: Arc::new(inner), state: Arc::default(), resumed: Arc::default() }
    }

    /// Takes the calls since the last time.
    pub(crate) fn take_calls(&self) -> Vec<Verb> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// Takes the patches received since the last time.
    pub(crate) fn take_patches(&self) -> Vec<Patch> {
        std::mem::take(&mut self.state.lock().unwrap().patches)
    }

    pub(crate) fn fail(&self, verb: Verb, error: fn() -> StoreError) {
        self.state.lock().unwrap().failing.insert(verb, error);
    }

    /// Makes a method fail as if the store were unreachable.
    pub(crate) fn break_down(&self, verb: Verb) {
        self.fail(verb, || StoreError::Unavailable("connection refused".into()));
    }

    /// Makes a method wait until [`recover`](SpyStore::recover).
    pub(crate) fn hang(&self, verb: Verb) {
        self.state.lock().unwrap().hanging.push(verb);
    }

    /// Makes all methods succeed again.
    pub(crate) fn recover(&self) {
        let mut state = self.state.lock().unwrap();
        state.failing.clear();
        state.hanging.clear();
        self.resumed.notify_waiters();
    }

    async fn enter(&self, verb: Verb) -> Result<(), StoreError> {
        self.state.lock().unwrap().calls.push(verb);
        loop {
            let resumed = self.resumed.notified();
            if !self.state.lock().unwrap().hanging.contains(&verb) {
                break;
            }
            resumed.await;
        }
        self.state.lock().unwrap().failing.get(&verb).map_or(Ok(()), |error| Err(error()))
    }
}

impl SpyStore {
    pub(crate) fn len(&self) -> usize {
        self.inner.len()
    }
}

impl<S> Clone for SpyStore<S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            state: Arc::clone(&self.state),
            resumed: Arc::clone(&self.resumed),
        }
    }
}

impl<S: Store> Wrapper for SpyStore<S> {
    fn inner(&self) -> &dyn DynStore {
        &*self.inner
    }

    fn name(&self) -> &'static str {
        "spy"
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.enter(Verb::Load).await?;
        self.inner().load(token, now).await
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.enter(Verb::Create).await?;
        self.inner().create(record, now).await
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.enter(Verb::Update).await?;
        self.state.lock().unwrap().patches.push(patch.clone());
        self.inner().update(token, patch, now).await
    }

    async fn touch(
        &self,
        token: &Token,
        idle_deadline: Timestamp,
        now: Timestamp,
    ) -> Result<WriteOutcome, StoreError> {
        self.enter(Verb::Touch).await?;
        self.inner().touch(token, idle_deadline, now).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.enter(Verb::Renew).await?;
        self.state.lock().unwrap().patches.push(patch.clone());
        self.inner().renew(token, patch, now).await
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        self.enter(Verb::Destroy).await?;
        self.inner().destroy(token).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.enter(Verb::Load).await?;
        self.inner().ping().await
    }

    async fn create_limited(
        &self,
        record: &Record,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<Option<Token>>, StoreError> {
        self.enter(Verb::CreateLimited).await?;
        self.inner().create_limited(record, limit, now).await
    }

    async fn renew_limited(
        &self,
        token: &Token,
        patch: &Patch,
        limit: SessionLimit<'_>,
        now: Timestamp,
    ) -> Result<Limited<WriteOutcome>, StoreError> {
        self.enter(Verb::RenewLimited).await?;
        self.state.lock().unwrap().patches.push(patch.clone());
        self.inner().renew_limited(token, patch, limit, now).await
    }
}
