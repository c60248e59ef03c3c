//! Outages, if the harness can cause them.

use std::fmt::Debug;
use std::num::NonZeroUsize;

use super::fixture::{self, Fixture, assert_hides_token};
use super::indexing::indexed;
use super::{Checked, Harness, Requirement, Skipped, Suite, check};
use crate::{Evict, Patch, Record, SessionLimit, Store, StoreError, Token};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "an outage is an error of every operation, and after it nothing is lost"
            => async |fixture, requirement| an_outage_is_an_error(suite.harness, fixture, requirement).await,
    }
}

async fn an_outage_is_an_error<H: Harness>(
    harness: &H,
    fixture: Fixture<H::Store>,
    requirement: Requirement,
) -> Checked {
    let value = indexed("ada");
    let record = Record::new(&fixture.meta(), [("name", b"ada".as_slice()), ("user", &value)]);
    let token = fixture.create(&record).await;
    if !harness.interrupt(&fixture.store).await {
        return Err(Skipped("the harness does not interrupt the store"));
    }
    let outage = Outage { fixture: &fixture, token: &token, requirement: &requirement };
    outage.assert_required_operations_fail(&fixture.another(&record)).await;
    outage.assert_optional_operations_fail(&fixture.another(&record), &value).await;
    harness.resume(&fixture.store).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    requirement.equal(fixture.count().await.unwrap_or(1), 1);
    let patch = Patch::new().set("name", *b"bob");
    let token = fixture::token_after(&token, fixture.update(&token, &patch).await);
    requirement.equal(fixture.load_live(&token).await.get("name"), Some(b"bob".as_slice()));
    Ok(())
}

/// A store during an outage, with a session that was created before.
struct Outage<'a, S> {
    fixture: &'a Fixture<S>,
    token: &'a Token,
    requirement: &'a Requirement,
}

impl<S: Store> Outage<'_, S> {
    #[track_caller]
    fn assert_fails<T: Debug>(&self, operation: &str, result: &Result<T, StoreError>) {
        assert_hides_token(self.token, result);
        let is_outage = matches!(result, Err(StoreError::Unavailable(_) | StoreError::Timeout));
        self.requirement.holds(is_outage, format_args!("{operation}: {result:?}"));
    }

    #[track_caller]
    fn assert_fails_if_supported<T: Debug>(&self, operation: &str, result: &Result<T, StoreError>) {
        if !matches!(result, Err(StoreError::Unsupported(_))) {
            self.assert_fails(operation, result);
        }
    }

    async fn assert_required_operations_fail(&self, record: &Record) {
        let (store, token, now) = (&self.fixture.store, self.token, self.fixture.now);
        let patch = Patch::new().set("name", *b"eve");
        self.assert_fails("ping", &store.ping().await);
        self.assert_fails("load", &store.load(token, now).await);
        self.assert_fails("load", &store.load(&Token::from_bytes(&[7; 32]), now).await);
        self.assert_fails("create", &store.create(record, now).await);
        self.assert_fails("update", &store.update(token, &patch, now).await);
        self.assert_fails("touch", &store.touch(token, now, now).await);
        self.assert_fails("renew", &store.renew(token, &patch, now).await);
        self.assert_fails("destroy", &store.destroy(token).await);
    }

    async fn assert_optional_operations_fail(&self, record: &Record, value: &[u8]) {
        let (store, token, now) = (&self.fixture.store, self.token, self.fixture.now);
        let id = record.meta().id;
        self.assert_fails_if_supported("count", &store.count(now).await);
        self.assert_fails_if_supported("list", &store.list(None, 10, now).await);
        self.assert_fails_if_supported("find_by", &store.find_by("user", value, &[], now).await);
        self.assert_fails_if_supported("destroy_by", &store.destroy_by("user", value, None, now).await);
        for holding in [Some(("user", value)), None] {
            self.assert_fails_if_supported("destroy_by_id", &store.destroy_by_id(id, holding, now).await);
        }
        let limit = SessionLimit { name: "user", value, max: NonZeroUsize::MIN, on_full: Evict::Oldest };
        let patch = Patch::new().set("user", value);
        self.assert_fails_if_supported("create_limited", &store.create_limited(record, limit, now).await);
        let renewed = store.renew_limited(token, &patch, limit, now).await;
        self.assert_fails_if_supported("renew_limited", &renewed);
        self.assert_fails_if_supported("sweep", &store.sweep(now).await);
        self.assert_fails_if_supported("clear", &store.clear().await);
    }
}
