//! A call in each pause of another: what a check and a write in two steps get wrong.

use super::extend::Extend;
use super::fixture::{Fixture, expect_ok, if_supported, is_done};
use super::indexing::{found, indexed, lookups, signed_in};
use super::limited_user::LimitedUser;
use super::limiting::session_limits;
use super::steps::{Interleaved, Pauses};
use super::writes::{Pair, Write, run_in_pauses};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{Evict, Patch, Store, Token, WriteOutcome};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    let suite = &suite.with_pauses();
    check! {
        suite;
        "a write in a pause of another has the effect of one after the other"
            => a_write_in_a_pause_has_the_effect_of_one_after_the_other,
        "a session that is extended in a pause of `sweep`, or the reverse, is not swept"
            => a_session_that_is_extended_in_a_pause_is_not_swept,
    }
    let lookups = &suite.only_if(lookups(&suite.fixture().await).await);
    check! {
        lookups;
        "no session escapes `destroy_by` because it is written in a pause, or the reverse"
            => no_session_escapes_destroy_by_in_a_pause,
        "after a write in a pause of another a session is found by what it holds"
            => a_session_is_found_by_what_it_holds,
    }
    let limits = &suite.only_if(session_limits(&suite.fixture().await));
    check! {
        limits;
        "after a limited write in a pause of another at most `max` sessions hold the value"
            => a_limit_holds_in_a_pause,
        "a session that signs in again in a pause of a sign-in that evicts it, or the reverse, is renewed or gone"
            => a_holder_that_signs_in_again_in_a_pause_is_renewed_or_evicted,
    }
}

async fn a_write_in_a_pause_has_the_effect_of_one_after_the_other<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let writes = [Write::Update, Write::CompareAndSet, Write::Touch, Write::Renew, Write::Destroy];
    let with_others = |from: usize| writes[from..].iter().map(move |other| Pair(writes[from], *other));
    let pairs: Vec<_> = (0..writes.len()).flat_map(with_others).collect();
    run_in_pauses(&fixture, &pairs, &requirement).await
}

/// Runs `second` in a pause of `first` or, if `is_reversed`, the other way around.
async fn interleave_either<S: Store, A, B>(
    fixture: &Fixture<S>,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    is_reversed: bool,
    pause: usize,
) -> Interleaved<A, B> {
    if !is_reversed {
        return fixture.interleave(first, second, pause).await;
    }
    let Interleaved { first, second, paused } = fixture.interleave(second, first, pause).await;
    Interleaved { first: second, second: first, paused }
}

async fn a_session_that_is_extended_in_a_pause_is_not_swept<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    if_supported("sweep", fixture.store.sweep(fixture.now).await)?;
    let (store, now) = (&*fixture.store, fixture.now);
    let mut pauses = Pauses::default();
    for (extend, is_reversed) in Extend::ALL.into_iter().flat_map(|extend| [(extend, false), (extend, true)])
    {
        let attempt = async |pause| {
            let record = fixture.record();
            let deadline = record.meta().deadline();
            let token = fixture.create(&record).await;
            let extended = extend.run(store, &token, record.meta(), now);
            let both = interleave_either(&fixture, extended, store.sweep(deadline), is_reversed, pause).await;
            let extended = expect_ok("extend the idle deadline", both.first);
            let swept = expect_ok("sweep", both.second);
            let token = if let WriteOutcome::NewToken(fresh) = &extended { fresh } else { &token };
            let is_live = fixture.load_at(token, deadline).await.is_some();
            requirement.equal((is_live, swept), (is_done(&extended), u64::from(!is_live)));
            fixture.destroy(token).await;
            both.paused
        };
        pauses.each(attempt).await;
    }
    pauses.checked()
}

async fn no_session_escapes_destroy_by_in_a_pause<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let (store, now, value) = (&*fixture.store, fixture.now, indexed("ada"));
    let mut pauses = Pauses::default();
    for (extend, is_reversed) in Extend::ALL.into_iter().flat_map(|extend| [(extend, false), (extend, true)])
    {
        let attempt = async |pause| {
            let (token, id) = signed_in(&fixture, "ada").await;
            let extended = extend.run(store, &token, fixture.meta(), now);
            let destroyed = store.destroy_by("user", &value, None, now);
            let both = interleave_either(&fixture, extended, destroyed, is_reversed, pause).await;
            let _ = expect_ok("extend the idle deadline", both.first);
            requirement.equal(expect_ok("destroy_by", both.second), vec![id]);
            requirement.equal(found(&fixture, "ada").await, vec![]);
            requirement.equal(fixture.count().await.unwrap_or(0), 0);
            both.paused
        };
        pauses.each(attempt).await;
    }
    pauses.checked()
}

async fn a_session_is_found_by_what_it_holds<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let (store, now) = (&*fixture.store, fixture.now);
    let to_bob = Patch::new().set("user", indexed("bob"));
    let patches = [to_bob, Patch::new().remove("user"), Patch::new().drop_all(), Patch::new().set("x", [1])];
    let mut pauses = Pauses::default();
    for (first, second) in patches.iter().flat_map(|first| patches.iter().map(move |second| (first, second)))
    {
        let attempt = async |pause| {
            let (token, id) = signed_in(&fixture, "ada").await;
            let (updated, renewed) = (store.update(&token, first, now), store.renew(&token, second, now));
            let both = fixture.interleave(updated, renewed, pause).await;
            let _ = expect_ok("update", both.first);
            let renewed = expect_ok("renew", both.second);
            let WriteOutcome::NewToken(token) = renewed else {
                panic!("the store fails to renew a live session: {renewed:?}")
            };
            let record = fixture.load_live(&token).await;
            for user in ["ada", "bob"] {
                let holds = record.get("user") == Some(&*indexed(user));
                requirement.equal(found(&fixture, user).await, if holds { vec![id] } else { vec![] });
            }
            fixture.destroy(&token).await;
            both.paused
        };
        pauses.each(attempt).await;
    }
    pauses.checked()
}

async fn a_limit_holds_in_a_pause<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    let mut pauses = Pauses::default();
    for (on_full, existing) in
        [Evict::Oldest, Evict::Reject].into_iter().flat_map(|on_full| (0..4).map(move |ways| (on_full, ways)))
    {
        let ada = LimitedUser::new(1, on_full);
        let attempt = async |pause| {
            let one = fixture.create(&fixture.record()).await;
            let other = fixture.create(&fixture.record()).await;
            let both = fixture
                .interleave(
                    sign_in(&fixture, &ada, (existing % 2 == 0).then_some(&one)),
                    sign_in(&fixture, &ada, (existing < 2).then_some(&other)),
                    pause,
                )
                .await;
            let ended = fixture.store.destroy_by("user", &ada.value, None, fixture.now).await;
            let left = expect_ok("destroy_by", ended).len();
            fixture.destroy(&one).await;
            fixture.destroy(&other).await;
            let done = usize::from(both.first) + usize::from(both.second);
            match on_full {
                Evict::Oldest => requirement.equal((left, done), (1, 2)),
                Evict::Reject => requirement.holds(left <= 1 && left == done, (left, done)),
            }
            both.paused
        };
        pauses.each(attempt).await;
    }
    pauses.checked()
}

async fn a_holder_that_signs_in_again_in_a_pause_is_renewed_or_evicted<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let mut pauses = Pauses::default();
    let ada = LimitedUser::new(1, Evict::Oldest);
    for is_reversed in [false, true] {
        let attempt = async |pause| {
            let (token, id) = ada.create_allowed(&fixture).await;
            let patch = ada.sign_in();
            let again = ada.renew(&fixture, &token, &patch);
            let both = interleave_either(&fixture, again, ada.create(&fixture), is_reversed, pause).await;
            let (again, (created, evicted)) = (both.first, both.second);
            let left = ada.ids(&fixture).await;
            requirement.equal(Some(left.clone()), created.map(|(_, id)| vec![id]));
            requirement.equal((evicted, again.evicted), (vec![id], vec![]));
            match &again.result {
                WriteOutcome::NewToken(fresh) => requirement.equal(fixture.load(fresh).await, None),
                other => requirement.equal(other, &WriteOutcome::Gone),
            }
            expect_ok("destroy_by", fixture.store.destroy_by("user", &ada.value, None, fixture.now).await);
            both.paused
        };
        pauses.each(attempt).await;
    }
    pauses.checked()
}

/// Signs in with an existing session or a new one, and returns whether that was allowed.
async fn sign_in<S: Store>(fixture: &Fixture<S>, ada: &LimitedUser, token: Option<&Token>) -> bool {
    match token {
        Some(token) => is_done(&ada.renew(fixture, token, &ada.sign_in()).await.result),
        None => ada.create(fixture).await.0.is_some(),
    }
}
