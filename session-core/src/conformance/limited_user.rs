//! A user whose sessions are limited, for the checks of session limits.

use std::num::NonZeroUsize;

use super::fixture::{Fixture, expect_ok};
use super::indexing::{found, indexed};
use crate::{Evict, HandleId, Limited, Meta, Patch, Record, SessionLimit, Store, Token, WriteOutcome};

/// A user whose sessions are limited.
pub(super) struct LimitedUser {
    pub(super) value: Vec<u8>,
    max: usize,
    on_full: Evict,
}

impl LimitedUser {
    pub(super) fn new(max: usize, on_full: Evict) -> Self {
        Self { value: indexed("ada"), max, on_full }
    }

    pub(super) fn limit(&self) -> SessionLimit<'_> {
        let max = NonZeroUsize::new(self.max).unwrap_or(NonZeroUsize::MIN);
        SessionLimit { name: "user", value: &self.value, max, on_full: self.on_full }
    }

    pub(super) fn record(&self, meta: &Meta) -> Record {
        Record::new(meta, [("name", b"x".as_slice()), ("user", &self.value)])
    }

    /// Creates a session of the user, or returns `None` if it is refused; and the sessions that this evicted.
    pub(super) async fn create<S: Store>(
        &self,
        fixture: &Fixture<S>,
    ) -> (Option<(Token, HandleId)>, Vec<HandleId>) {
        let meta = fixture.meta();
        let created = fixture.store.create_limited(&self.record(&meta), self.limit(), fixture.now).await;
        let Limited { result, evicted } = expect_ok("create_limited", created);
        (result.map(|token| (token, meta.id)), evicted)
    }

    /// Creates a session of the user that must not be refused.
    pub(super) async fn create_allowed<S: Store>(&self, fixture: &Fixture<S>) -> (Token, HandleId) {
        let (created, _) = self.create(fixture).await;
        created.unwrap_or_else(|| panic!("the store refuses a session within the limit"))
    }

    /// Returns a patch that gives a session to the user.
    pub(super) fn sign_in(&self) -> Patch {
        Patch::new().set("user", self.value.clone())
    }

    pub(super) async fn renew<S: Store>(
        &self,
        fixture: &Fixture<S>,
        token: &Token,
        patch: &Patch,
    ) -> Limited<WriteOutcome> {
        let written = fixture.store.renew_limited(token, patch, self.limit(), fixture.now).await;
        expect_ok("renew_limited", written)
    }

    /// Returns the handle ids of the user's sessions, sorted.
    pub(super) async fn ids<S: Store>(&self, fixture: &Fixture<S>) -> Vec<HandleId> {
        found(fixture, "ada").await
    }
}
