//! Concurrent sign-ins of one user whose sessions are limited.

use super::fixture::{Fixture, expect_ok, is_done};
use super::limited_user::LimitedUser;
use super::{Harness, Requirement, Suite, check};
use crate::{Evict, Store};

/// The number of concurrent sign-ins.
const SIGN_INS: usize = 12;

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    for on_full in [Evict::Oldest, Evict::Reject] {
        check! {
            suite;
            "after any number of concurrent limited writes at most `max` sessions hold the value"
                => async |fixture, requirement| {
                concurrent_sign_ins_stay_within_the_limit(fixture, on_full, requirement).await;
            },
        }
    }
}

/// Signs in concurrently, half of the time with an existing session, and returns the number of successes.
async fn race<S: Store>(fixture: &Fixture<S>, max: usize, on_full: Evict) -> usize {
    let mut anonymous = Vec::new();
    for _ in 0..SIGN_INS {
        anonymous.push(fixture.create(&fixture.record()).await);
    }
    let (now, metas) = (fixture.now, (0..SIGN_INS).map(|_| fixture.meta()).collect::<Vec<_>>());
    let jobs = fixture.run_concurrently(SIGN_INS, move |job, store| {
        let (token, meta) = (anonymous[job].clone(), metas[job]);
        async move {
            let ada = LimitedUser::new(max, on_full);
            if job % 2 == 0 {
                let created = store.create_limited(&ada.record(&meta), ada.limit(), now).await;
                return expect_ok("create_limited", created).result.is_some();
            }
            let written = store.renew_limited(&token, &ada.sign_in(), ada.limit(), now).await;
            is_done(&expect_ok("renew_limited", written).result)
        }
    });
    jobs.await.into_iter().filter(|done| *done).count()
}

async fn concurrent_sign_ins_stay_within_the_limit<S: Store>(
    fixture: Fixture<S>,
    on_full: Evict,
    requirement: Requirement,
) {
    for max in [1, 2, 5].into_iter().cycle().take(15) {
        let done = race(&fixture, max, on_full).await;
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
