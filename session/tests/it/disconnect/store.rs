//! A store with an await point before and after each call, at one of which it can stop.

use std::sync::{Arc, Mutex};

use session::{MemoryStore, Record, StoreError, Timestamp, Token};
use session_core::{DynStore, Patch, Wrapper, WriteOutcome};
use tokio::sync::oneshot;

use crate::support::Verb;

/// On which side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

#[derive(Default)]
pub(super) struct SteppedStore {
    inner: MemoryStore,
    stop: Arc<Mutex<Option<Stop>>>,
}

/// Where the next call stops.
struct Stop {
    verb: Verb,
    side: Side,
    reached: oneshot::Sender<()>,
    resumed: oneshot::Receiver<()>,
}

/// A call that stops, as the test sees it.
pub(super) struct Stopped {
    reached: oneshot::Receiver<()>,
    resume: oneshot::Sender<()>,
}

impl SteppedStore {
    /// Stops the next call of a method, once.
    pub(super) fn stop(&self, verb: Verb, side: Side) -> Stopped {
        let (to_reached, reached) = oneshot::channel();
        let (resume, resumed) = oneshot::channel();
        *self.stop.lock().unwrap() = Some(Stop { verb, side, reached: to_reached, resumed });
        Stopped { reached, resume }
    }

    async fn step(&self, verb: Verb, side: Side) {
        tokio::task::yield_now().await;
        let stop = self.stop.lock().unwrap().take_if(|stop| (stop.verb, stop.side) == (verb, side));
        if let Some(stop) = stop {
            stop.reached.send(()).unwrap();
            stop.resumed.await.unwrap();
        }
    }

    async fn call<R>(&self, verb: Verb, call: impl Future<Output = R>) -> R {
        self.step(verb, Side::Before).await;
        let result = call.await;
        self.step(verb, Side::After).await;
        result
    }
}

impl Stopped {
    /// Waits until the call is where it stops.
    pub(super) async fn reached(&mut self) {
        (&mut self.reached).await.unwrap();
    }

    /// Waits until the server drops the call.
    pub(super) async fn dropped(mut self) {
        self.resume.closed().await;
    }

    /// Lets the call go on.
    pub(super) fn resume(self) {
        self.resume.send(()).unwrap();
    }
}

impl Wrapper for SteppedStore {
    fn inner(&self) -> &dyn DynStore {
        &self.inner
    }

    async fn load(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.call(Verb::Load, self.inner().load(token, now)).await
    }

    async fn create(&self, record: &Record, now: Timestamp) -> Result<Token, StoreError> {
        self.call(Verb::Create, self.inner().create(record, now)).await
    }

    async fn update(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.call(Verb::Update, self.inner().update(token, patch, now)).await
    }

    async fn renew(&self, token: &Token, patch: &Patch, now: Timestamp) -> Result<WriteOutcome, StoreError> {
        self.call(Verb::Renew, self.inner().renew(token, patch, now)).await
    }

    async fn destroy(&self, token: &Token) -> Result<bool, StoreError> {
        self.call(Verb::Destroy, self.inner().destroy(token)).await
    }
}
