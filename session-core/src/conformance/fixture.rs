//! The fixture of a check: a new store, a time, and helpers.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::{Requirement, Skipped};
use crate::{
    Change, HandleId, Meta, Patch, Record, Refusal, Store, StoreError, Timestamp, Token, WriteOutcome, value,
};

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// A new, empty store, and the time at which it is tested.
pub(super) struct Fixture<S> {
    pub(super) store: Arc<S>,
    pub(super) now: Timestamp,
    /// The shortest time that `create` has taken, from which it is known what to expect of another operation.
    pub(super) fastest_create: Cell<Duration>,
}

/// The fields of a record as printable text, in the order of their names.
pub(super) type FieldTexts = BTreeMap<String, String>;

impl<S: Store> Fixture<S> {
    pub(super) fn new(store: S) -> Self {
        let seconds = Timestamp::from(SystemTime::now()).as_millis() / 1_000;
        // Whole seconds do not tell a store that keeps milliseconds.
        let now = Timestamp::from_millis(seconds * 1_000 + 567);
        Self { store: Arc::new(store), now, fastest_create: Cell::new(Duration::from_millis(1)) }
    }

    /// Returns metadata with an idle timeout of 30 minutes and a lifetime of one day.
    pub(super) fn meta(&self) -> Meta {
        Meta {
            id: expect_ok("generate a handle id", HandleId::random()),
            created_at: self.now,
            authenticated_at: None,
            idle_deadline: self.now.after(30 * MINUTE),
            idle_timeout: 30 * MINUTE,
            lifetime_deadline: self.now.after(24 * 60 * MINUTE),
            remember: false,
        }
    }

    /// Returns a record with two fields.
    pub(super) fn record(&self) -> Record {
        Record::new(&self.meta(), [("name", b"ada".as_slice()), ("theme", b"dark")])
    }

    /// Returns the record of another session with the same fields and times. Two sessions never have the same handle id.
    pub(super) fn another(&self, record: &Record) -> Record {
        record.with_meta(Meta { id: self.meta().id, ..record.meta() })
    }

    pub(super) async fn create(&self, record: &Record) -> Token {
        let start = Instant::now();
        let token = expect_ok("create", self.store.create(record, self.now).await);
        self.fastest_create.set(self.fastest_create.get().min(start.elapsed()));
        token
    }

    pub(super) async fn load(&self, token: &Token) -> Option<Record> {
        self.load_at(token, self.now).await
    }

    pub(super) async fn load_at(&self, token: &Token, now: Timestamp) -> Option<Record> {
        expect_ok("load", self.store.load(token, now).await)
    }

    /// Returns the reason for which a token opens nothing at `now`.
    pub(super) async fn refusal_at(&self, token: &Token, now: Timestamp) -> Refusal {
        self.store.refusal(token, now).await
    }

    pub(super) async fn update(&self, token: &Token, patch: &Patch) -> WriteOutcome {
        expect_ok("update", self.store.update(token, patch, self.now).await)
    }

    pub(super) async fn touch(&self, token: &Token, idle_deadline: Timestamp) -> WriteOutcome {
        expect_ok("touch", self.store.touch(token, idle_deadline, self.now).await)
    }

    pub(super) async fn renew(&self, token: &Token, patch: &Patch) -> WriteOutcome {
        expect_ok("renew", self.store.renew(token, patch, self.now).await)
    }

    pub(super) async fn destroy(&self, token: &Token) -> bool {
        expect_ok("destroy", self.store.destroy(token).await)
    }

    /// Loads a session that must exist.
    pub(super) async fn load_live(&self, token: &Token) -> Record {
        self.load(token).await.unwrap_or_else(|| panic!("the store lost a live session"))
    }

    /// Creates a session, updates it, and returns its token and its record.
    pub(super) async fn create_and_update(&self, record: &Record, patch: &Patch) -> (Token, Record) {
        let token = self.create(record).await;
        let token = token_after(&token, self.update(&token, patch).await);
        let record = self.load_live(&token).await;
        (token, record)
    }

    /// Returns the outcomes of `update`, `touch` and `renew` at `now`.
    pub(super) async fn write_outcomes_at(&self, token: &Token, now: Timestamp) -> [WriteOutcome; 3] {
        let patch = Patch::new().set("name", *b"eve");
        let later = now.after(MINUTE);
        [
            expect_ok("update", self.store.update(token, &patch, now).await),
            expect_ok("touch", self.store.touch(token, later, now).await),
            expect_ok("renew", self.store.renew(token, &patch, now).await),
        ]
    }

    /// Returns all records of a list, if the store supports `list`.
    pub(super) async fn listed(&self, now: Timestamp) -> Result<Vec<Record>, Skipped> {
        let mut listed = Vec::new();
        let mut after = None;
        loop {
            let page = if_supported("list", self.store.list(after.as_ref(), 10, now).await)?;
            listed.extend(page.records);
            after = page.next;
            if after.is_none() {
                return Ok(listed);
            }
        }
    }

    /// Returns the number of sessions, if the store supports `count`.
    pub(super) async fn count(&self) -> Result<u64, Skipped> {
        if_supported("count", self.store.count(self.now).await)
    }
}

/// Returns the result of an operation that must not fail.
#[track_caller]
pub(super) fn expect_ok<T>(operation: &str, result: Result<T, StoreError>) -> T {
    result.unwrap_or_else(|error| panic!("the store failed to {operation}: {error} ({error:?})"))
}

/// Returns the result of an optional operation, or that the check is skipped if the store does not support it.
#[track_caller]
pub(super) fn if_supported<T>(operation: &str, result: Result<T, StoreError>) -> Result<T, Skipped> {
    match result {
        Err(StoreError::Unsupported(_)) => Err(Skipped("the store does not support it")),
        result => Ok(expect_ok(operation, result)),
    }
}

/// Returns the token that the client holds after a write that must have succeeded.
#[track_caller]
pub(super) fn token_after(token: &Token, written: WriteOutcome) -> Token {
    match written {
        WriteOutcome::Done => token.clone(),
        WriteOutcome::NewToken(token) => token,
        other => {
            panic!("the store violates its contract: a live session can be written to\n  actual: {other:?}")
        }
    }
}

/// Whether a write succeeded.
pub(super) fn is_done(written: &WriteOutcome) -> bool {
    matches!(written, WriteOutcome::Done | WriteOutcome::NewToken(_))
}

pub(super) fn field_texts(record: &Record) -> FieldTexts {
    record.fields().map(|(name, value)| (name.to_owned(), value.escape_ascii().to_string())).collect()
}

/// Asserts that two records have the same metadata and fields.
#[track_caller]
pub(super) fn assert_same_record(requirement: &Requirement, actual: &Record, expected: &Record) {
    requirement.equal(actual.meta(), expected.meta());
    requirement.equal(field_texts(actual), field_texts(expected));
}

/// Returns the stored value of a counter.
pub(super) fn counter(number: i64) -> Vec<u8> {
    value::add_to_counter(None, number, i64::MIN, i64::MAX, false)
}

/// Returns an addition to a counter without limits.
pub(super) fn add(by: i64) -> Change {
    Change::Add { by, min: i64::MIN, max: i64::MAX, keep: false }
}

/// Asserts that the `Debug` output of a result of the store does not contain a token.
#[track_caller]
pub(super) fn assert_hides_token(token: &Token, result: &impl Debug) {
    let text = format!("{result:?}");
    Requirement("no error or log line contains a token").holds(!text.contains(token.expose()), "a token");
}
