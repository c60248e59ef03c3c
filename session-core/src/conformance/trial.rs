//! A store under test.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::resume_unwind;
use std::sync::{Arc, Barrier};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::Promise;
use crate::{
    Change, HandleId, Meta, Patch, Record, Store, StoreError, Timestamp, Token, WriteOutcome, value,
};

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// A new store and the moment at which it is tried.
pub(super) struct Trial<S> {
    pub(super) store: Arc<S>,
    pub(super) now: Timestamp,
}

/// What can be compared and shown of a record's fields.
pub(super) type Shown = BTreeMap<String, String>;

impl<S: Store> Trial<S> {
    pub(super) fn new(store: S) -> Self {
        Self { store: Arc::new(store), now: Timestamp::from(SystemTime::now()) }
    }

    /// A session of 30 minutes idle and a day at most.
    pub(super) fn meta(&self) -> Meta {
        Meta {
            id: worked("draw a handle id", HandleId::random()),
            created_at: self.now,
            idle_deadline: self.now.after(30 * MINUTE),
            idle_timeout: 30 * MINUTE,
            lifetime_deadline: self.now.after(24 * 60 * MINUTE),
            remember: false,
        }
    }

    /// A record of two fields.
    pub(super) fn record(&self) -> Record {
        Record::new(&self.meta(), [("name", b"ada".as_slice()), ("theme", b"dark")])
    }

    pub(super) async fn create(&self, record: &Record) -> Token {
        worked("create", self.store.create(record, self.now).await)
    }

    pub(super) async fn load(&self, token: &Token) -> Option<Record> {
        self.load_at(token, self.now).await
    }

    pub(super) async fn load_at(&self, token: &Token, now: Timestamp) -> Option<Record> {
        worked("load", self.store.load(token, now).await)
    }

    pub(super) async fn update(&self, token: &Token, patch: &Patch) -> WriteOutcome {
        worked("update", self.store.update(token, patch, self.now).await)
    }

    pub(super) async fn touch(&self, token: &Token, idle_deadline: Timestamp) -> WriteOutcome {
        worked("touch", self.store.touch(token, idle_deadline, self.now).await)
    }

    pub(super) async fn renew(&self, token: &Token, patch: &Patch) -> WriteOutcome {
        worked("renew", self.store.renew(token, patch, self.now).await)
    }

    pub(super) async fn destroy(&self, token: &Token) -> bool {
        worked("destroy", self.store.destroy(token).await)
    }

    /// The record of a session that must be there.
    pub(super) async fn live(&self, token: &Token) -> Record {
        self.load(token).await.unwrap_or_else(|| panic!("the store lost a live session"))
    }

    /// A session that just got this patch: its token, and its record.
    pub(super) async fn patched(&self, record: &Record, patch: &Patch) -> (Token, Record) {
        let token = self.create(record).await;
        let token = follow(&token, self.update(&token, patch).await);
        let record = self.live(&token).await;
        (token, record)
    }

    /// What the three writes of an existing session answer at `now`.
    pub(super) async fn writes_at(&self, token: &Token, now: Timestamp) -> [WriteOutcome; 3] {
        let patch = Patch::new().set("name", *b"eve");
        let later = now.after(MINUTE);
        [
            worked("update", self.store.update(token, &patch, now).await),
            worked("touch", self.store.touch(token, later, now).await),
            worked("renew", self.store.renew(token, &patch, now).await),
        ]
    }

    /// How many sessions there are, if the store counts them.
    pub(super) async fn count(&self) -> Option<u64> {
        offered("count", self.store.count(self.now).await)
    }

    /// Runs as many jobs at once, each on a thread of its own, and gives their results in order.
    pub(super) async fn at_once<T, F, J>(&self, jobs: usize, job: J) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T>,
        J: Fn(usize, Arc<S>) -> F + Send + Sync + 'static,
    {
        let job = Arc::new(job);
        let start = Arc::new(Barrier::new(jobs));
        let spawn = |index| {
            let (job, start, store) = (Arc::clone(&job), Arc::clone(&start), Arc::clone(&self.store));
            let runtime = Handle::current();
            spawn_blocking(move || {
                start.wait();
                runtime.block_on(job(index, store))
            })
        };
        let threads: Vec<_> = (0..jobs).map(spawn).collect();
        let mut results = Vec::with_capacity(jobs);
        for thread in threads {
            results.push(thread.await.unwrap_or_else(|error| resume_unwind(error.into_panic())));
        }
        results
    }
}

/// What a call gave, on a store that is in order.
#[track_caller]
pub(super) fn worked<T>(verb: &str, result: Result<T, StoreError>) -> T {
    result.unwrap_or_else(|error| panic!("the store failed to {verb}: {error} ({error:?})"))
}

/// What an optional call gave; `None` when the store does not offer it.
#[track_caller]
pub(super) fn offered<T>(verb: &str, result: Result<T, StoreError>) -> Option<T> {
    match result {
        Err(StoreError::Unsupported(_)) => None,
        result => Some(worked(verb, result)),
    }
}

/// The token that the client holds after a write that must have been done.
#[track_caller]
pub(super) fn follow(token: &Token, written: WriteOutcome) -> Token {
    match written {
        WriteOutcome::Done => token.clone(),
        WriteOutcome::NewToken(token) => token,
        other => panic!("the store breaks a promise: a live session can be written to\n  seen: {other:?}"),
    }
}

/// Whether a write was done.
pub(super) fn is_done(written: &WriteOutcome) -> bool {
    matches!(written, WriteOutcome::Done | WriteOutcome::NewToken(_))
}

pub(super) fn shown(record: &Record) -> Shown {
    record.fields().map(|(name, value)| (name.to_owned(), value.escape_ascii().to_string())).collect()
}

/// Compares two records, whose fields may be in any order.
#[track_caller]
pub(super) fn equal(promise: &Promise, seen: &Record, promised: &Record) {
    promise.equal(seen.meta(), promised.meta());
    promise.equal(shown(seen), shown(promised));
}

/// The bytes of a counter that holds `number`.
pub(super) fn counter(number: i64) -> Vec<u8> {
    value::add_to_counter(None, number, i64::MIN, i64::MAX, false)
}

/// Adds to a counter of the widest type.
pub(super) fn add(by: i64) -> Change {
    Change::Add { by, min: i64::MIN, max: i64::MAX, keep: false }
}

/// `Debug` of anything a store gave must not name a token.
#[track_caller]
pub(super) fn hides(token: &Token, shown: &impl Debug) {
    let shown = format!("{shown:?}");
    Promise("no error or log line names a token").holds(!shown.contains(token.expose()), "a token");
}
