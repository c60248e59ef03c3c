//! `create_limited` and `renew_limited`, where a store offers them.

use std::num::NonZeroUsize;

use super::indexing::{found, indexed};
use super::trial::{self, MINUTE, Trial, follow, worked};
use super::{Promise, limiting_races};
use crate::{Change, Evict, HandleId, Meta, Patch, Record, SessionLimit, Store, Token, WriteOutcome};

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    if !trial().await.store.capabilities().session_limits {
        return;
    }
    the_oldest_makes_room(trial().await).await;
    who_came_first_goes_first_whatever_its_creation(trial().await).await;
    a_renewed_session_keeps_its_place(trial().await).await;
    a_full_value_refuses(trial().await).await;
    who_holds_the_value_is_not_counted_again(trial().await).await;
    what_is_no_longer_held_is_not_counted(trial().await).await;
    other_values_are_not_counted(trial().await).await;
    a_capped_renewal_that_fails_ends_nothing(trial().await).await;
    limiting_races::run(trial).await;
}

/// Some sessions of Ada's, and no more than `most`.
pub(super) struct Cast {
    pub(super) value: Vec<u8>,
    most: usize,
    evict: Evict,
}

impl Cast {
    pub(super) fn new(most: usize, evict: Evict) -> Self {
        Self { value: indexed("ada"), most, evict }
    }

    pub(super) fn limit(&self) -> SessionLimit<'_> {
        let most = NonZeroUsize::new(self.most).unwrap_or(NonZeroUsize::MIN);
        SessionLimit { name: "user", value: &self.value, max: most, on_full: self.evict }
    }

    pub(super) fn record(&self, meta: &Meta) -> Record {
        Record::new(meta, [("name", b"x".as_slice()), ("user", &self.value)])
    }

    /// A new session of Ada's, unless it is refused.
    async fn create<S: Store>(&self, trial: &Trial<S>) -> Option<(Token, HandleId)> {
        let meta = trial.meta();
        let created = trial.store.create_limited(&self.record(&meta), self.limit(), trial.now).await;
        worked("create_limited", created).map(|token| (token, meta.id))
    }

    /// The same of one that must not be refused.
    pub(super) async fn created<S: Store>(&self, trial: &Trial<S>) -> (Token, HandleId) {
        self.create(trial).await.unwrap_or_else(|| panic!("the store refuses a session that fits"))
    }

    pub(super) fn sign_in(&self) -> Patch {
        Patch::new().set("user", self.value.clone())
    }

    async fn renew<S: Store>(&self, trial: &Trial<S>, token: &Token, patch: &Patch) -> WriteOutcome {
        let written = trial.store.renew_limited(token, patch, self.limit(), trial.now).await;
        worked("renew_limited", written)
    }

    pub(super) async fn ids<S: Store>(&self, trial: &Trial<S>) -> Vec<HandleId> {
        found(trial, "ada").await
    }
}

fn sorted<const N: usize>(mut ids: [HandleId; N]) -> Vec<HandleId> {
    ids.sort_unstable();
    ids.to_vec()
}

async fn the_oldest_makes_room<S: Store>(trial: Trial<S>) {
    let promise = Promise("with `Oldest` those that came to hold the value longest ago are ended, no others");
    let ada = Cast::new(2, Evict::Oldest);
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(ada.created(&trial).await);
        let last = &created[created.len().saturating_sub(2)..];
        for (token, _) in last {
            promise.holds(trial.load(token).await.is_some(), "one of the last two is gone");
        }
        let ids: Vec<_> = last.iter().map(|(_, id)| *id).collect();
        let seen = ada.ids(&trial).await;
        promise.holds(seen.len() == ids.len() && ids.iter().all(|id| seen.contains(id)), seen);
    }
    for (token, _) in &created[..3] {
        promise.equal(trial.load(token).await, None);
    }
    promise.equal(trial.count().await.unwrap_or(2), 2);
}

async fn who_came_first_goes_first_whatever_its_creation<S: Store>(trial: Trial<S>) {
    let promise = Promise("the oldest is by when it came to hold the value, not by its creation");
    let ada = Cast::new(2, Evict::Oldest);
    let early = trial.record();
    let late = Record::new(&Meta { created_at: trial.now.after(MINUTE), ..trial.meta() }, []);
    let (early_token, late_token) = (trial.create(&early).await, trial.create(&late).await);
    let _ = follow(&late_token, ada.renew(&trial, &late_token, &ada.sign_in()).await);
    let _ = follow(&early_token, ada.renew(&trial, &early_token, &ada.sign_in()).await);
    let (_, third) = ada.created(&trial).await;
    promise.equal(ada.ids(&trial).await, sorted([early.meta().id, third]));
}

async fn a_renewed_session_keeps_its_place<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("being renewed, updated or touched keeps the place of a session among those of a value");
    let ada = Cast::new(3, Evict::Oldest);
    let (one, _) = ada.created(&trial).await;
    let (two, _) = ada.created(&trial).await;
    let (_, three) = ada.created(&trial).await;
    let one = follow(&one, trial.renew(&one, &Patch::new()).await);
    let one = follow(&one, trial.update(&one, &Patch::new().set("name", *b"y")).await);
    let _ = follow(&one, ada.renew(&trial, &one, &ada.sign_in()).await);
    let two = follow(&two, trial.renew(&two, &Patch::new().set("name", *b"y")).await);
    let later = trial.now.after(60 * MINUTE);
    let _ = follow(&two, trial.touch(&two, later).await);
    let (_, four) = ada.created(&trial).await;
    let (_, five) = ada.created(&trial).await;
    promise.equal(ada.ids(&trial).await, sorted([three, four, five]));
}

async fn a_full_value_refuses<S: Store>(trial: Trial<S>) {
    let promise = Promise("with `Reject` a session too many is refused and nothing changes");
    let ada = Cast::new(2, Evict::Reject);
    let (_, one) = ada.created(&trial).await;
    let (_, two) = ada.created(&trial).await;
    promise.equal(ada.create(&trial).await, None);
    let record = trial.record();
    let token = trial.create(&record).await;
    promise.equal(
        ada.renew(&trial, &token, &ada.sign_in().set("name", *b"y")).await,
        WriteOutcome::LimitReached,
    );
    trial::equal(&promise, &trial.live(&token).await, &record);
    promise.equal(ada.ids(&trial).await, sorted([one, two]));
    promise.equal(trial.count().await.unwrap_or(3), 3);
}

async fn who_holds_the_value_is_not_counted_again<S: Store>(trial: Trial<S>) {
    let promise = Promise("a session that holds the value already is renewed without counting");
    for evict in [Evict::Oldest, Evict::Reject] {
        let ada = Cast::new(3, evict);
        let (mut token, one) = ada.created(&trial).await;
        let (_, two) = ada.created(&trial).await;
        // Also where fewer are allowed by now.
        for most in [3, 2, 1] {
            let ada = Cast::new(most, evict);
            let written = ada.renew(&trial, &token, &ada.sign_in().set("name", [0])).await;
            promise.holds(matches!(written, WriteOutcome::NewToken(_)), &written);
            token = follow(&token, written);
        }
        promise.equal(ada.ids(&trial).await, sorted([one, two]));
        worked("destroy_by", trial.store.destroy_by("user", &ada.value, None, trial.now).await);
    }
}

async fn what_is_no_longer_held_is_not_counted<S: Store>(trial: Trial<S>) {
    let promise = Promise("a session that was ended, expired or took another value frees its place");
    let ada = Cast::new(1, Evict::Reject);
    let (token, _) = ada.created(&trial).await;
    trial.destroy(&token).await;
    let (token, _) = ada.created(&trial).await;
    let token = follow(&token, trial.renew(&token, &Patch::new().set("user", indexed("eve"))).await);
    let (other, _) = ada.created(&trial).await;
    let _ = follow(&other, trial.renew(&other, &Patch::new().remove("user")).await);
    let (_, last) = ada.created(&trial).await;
    promise.equal(ada.renew(&trial, &token, &ada.sign_in()).await, WriteOutcome::LimitReached);
    promise.equal(ada.ids(&trial).await, vec![last]);

    let later = trial.now.after(30 * MINUTE);
    let meta = Meta { idle_deadline: later.after(MINUTE), ..trial.meta() };
    let created = trial.store.create_limited(&ada.record(&meta), ada.limit(), later).await;
    promise.holds(worked("create_limited", created).is_some(), "the expired session is counted");
}

async fn other_values_are_not_counted<S: Store>(trial: Trial<S>) {
    let promise = Promise("sessions of another value, and of the value in another field, are not counted");
    for evict in [Evict::Oldest, Evict::Reject] {
        let ada = Cast::new(1, evict);
        let elsewhere = Record::new(&trial.meta(), [("device", ada.value.as_slice())]);
        let eve = Record::new(&trial.meta(), [("user", indexed("eve").as_slice())]);
        let others = [trial.create(&elsewhere).await, trial.create(&eve).await];
        let (token, id) = ada.created(&trial).await;
        promise.equal(ada.ids(&trial).await, vec![id]);
        for token in others {
            promise.holds(trial.load(&token).await.is_some(), "a session of another value is gone");
            trial.destroy(&token).await;
        }
        trial.destroy(&token).await;
    }
}

async fn a_capped_renewal_that_fails_ends_nothing<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("a limited renewal of a session that is gone, or a conflict, ends no other session");
    let ada = Cast::new(1, Evict::Oldest);
    let (_, id) = ada.created(&trial).await;
    let token = trial.create(&trial.record()).await;
    let swap = Change::CompareAndSet { expected: None, value: Some(b"eve".to_vec()) };
    let written = ada.renew(&trial, &token, &ada.sign_in().with("name", swap)).await;
    promise.equal(written, WriteOutcome::Conflict("name".to_owned()));
    trial.destroy(&token).await;
    promise.equal(ada.renew(&trial, &token, &ada.sign_in()).await, WriteOutcome::Gone);
    promise.equal(ada.ids(&trial).await, vec![id]);
}
