//! Concurrent sign-ins of one user whose sessions are limited.

use std::collections::BTreeSet;

use super::fixture::{Fixture, expect_ok, is_done};
use super::limited_user::LimitedUser;
use super::limiting::session_limits;
use super::{Harness, Requirement, Suite, check};
use crate::{Evict, Limited, Store, WriteOutcome};

/// The number of concurrent sign-ins.
const SIGN_INS: usize = 12;

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.only_if(session_limits(&suite.fixture().await));
    check! {
        suite;
        "after any number of concurrent limited writes at most `max` sessions hold the value"
            => concurrent_sign_ins_stay_within_the_limit,
        "a session that signs in again while others evict it is renewed, or is gone and evicted"
            => a_holder_that_signs_in_again_is_renewed_or_evicted,
    }
}

/// Signs in concurrently, half of the time with an existing session, and returns the number of successes.
async fn sign_in<S: Store>(fixture: &Fixture<S>, max: usize, on_full: Evict) -> usize {
    let mut sessions = Vec::new();
    for _ in 0..SIGN_INS {
        sessions.push((fixture.create(&fixture.record()).await, fixture.meta()));
    }
    let now = fixture.now;
    let signed_in = fixture.race(SIGN_INS, vec![sessions], move |thread, sessions, store| async move {
        let (token, meta) = &sessions[thread];
        let ada = LimitedUser::new(max, on_full);
        if thread % 2 == 0 {
            let created = store.create_limited(&ada.record(meta), ada.limit(), now).await;
            return expect_ok("create_limited", created).result.is_some();
        }
        let written = store.renew_limited(token, &ada.sign_in(), ada.limit(), now).await;
        is_done(&expect_ok("renew_limited", written).result)
    });
    signed_in.await.concat().into_iter().filter(|done| *done).count()
}

async fn concurrent_sign_ins_stay_within_the_limit<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    for on_full in [Evict::Oldest, Evict::Reject] {
        for max in [1, 2, 5].into_iter().cycle().take(15) {
            let done = sign_in(&fixture, max, on_full).await;
            let ada = LimitedUser::new(max, on_full);
            let left = ada.ids(&fixture).await.len();
            match on_full {
                Evict::Oldest => requirement.equal((left, done), (max, SIGN_INS)),
                // Two concurrent sign-ins may both be refused.
                Evict::Reject => requirement.holds(left <= max && left == done, (left, done)),
            }
            expect_ok("destroy_by", fixture.store.destroy_by("user", &ada.value, None, fixture.now).await);
        }
    }
}

/// What became of the sign-in of a session.
#[derive(Debug)]
enum SignIn {
    /// The session that held the value was written.
    Again(WriteOutcome),
    /// Another session was created.
    Created,
}

async fn a_holder_that_signs_in_again_is_renewed_or_evicted<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) {
    for max in [1, 2, 1, 3].into_iter().cycle().take(24) {
        let ada = LimitedUser::new(max, Evict::Oldest);
        let (token, id) = ada.create_allowed(&fixture).await;
        let metas: Vec<_> = (0..3).map(|_| fixture.meta()).collect();
        let (others, now) = (metas.clone(), fixture.now);
        let raced = fixture.race(4, vec![token], move |thread, token, store| {
            let meta = metas.get(thread).copied();
            async move {
                let ada = LimitedUser::new(max, Evict::Oldest);
                if let Some(meta) = meta {
                    let created = store.create_limited(&ada.record(&meta), ada.limit(), now).await;
                    let Limited { result, evicted } = expect_ok("create_limited", created);
                    return (result.map(|_| SignIn::Created), evicted);
                }
                let written = store.renew_limited(&token, &ada.sign_in(), ada.limit(), now).await;
                let Limited { result, evicted } = expect_ok("renew_limited", written);
                (Some(SignIn::Again(result)), evicted)
            }
        });
        let signed_in = raced.await.remove(0);
        let left: BTreeSet<_> = ada.ids(&fixture).await.into_iter().collect();
        requirement.equal(left.len(), max);
        let evicted: Vec<_> = signed_in.iter().flat_map(|(_, evicted)| evicted).copied().collect();
        let ended: BTreeSet<_> = evicted.iter().copied().collect();
        requirement.holds(ended.len() == evicted.len(), "a session that is evicted twice");
        let all: BTreeSet<_> = others.iter().map(|meta| meta.id).chain([id]).collect();
        requirement.equal(&all - &ended, left.clone());
        match &signed_in[3].0 {
            Some(SignIn::Again(WriteOutcome::NewToken(fresh))) => {
                requirement.equal(fixture.load(fresh).await.is_some(), left.contains(&id));
            }
            Some(SignIn::Again(WriteOutcome::Gone)) => requirement.holds(ended.contains(&id), "not evicted"),
            other => requirement.holds(false, other),
        }
        expect_ok("destroy_by", fixture.store.destroy_by("user", &ada.value, None, fixture.now).await);
    }
}
