//! `count`, `list` and `clear`, if the store supports them.

use std::collections::{BTreeMap, BTreeSet};

use super::fixture::{self, Fixture, MINUTE, if_supported, token_after};
use super::{Checked, Harness, Requirement, Suite, check};
use crate::{HandleId, Meta, Patch, Record, Store, Token};

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "`count` returns the number of live sessions"
            => live_sessions_are_counted,
        "`list` returns live records"
            => live_sessions_are_listed,
        "every session that is live under the same token from the first page to the last is listed"
            => a_session_that_is_live_throughout_is_listed,
        "a list ends regardless of sessions that are created concurrently"
            => a_list_ends_even_if_sessions_are_created_faster_than_listed,
        "`clear` destroys all sessions of this store and returns their number"
            => async |fixture, requirement| {
                clearing_destroys_all_sessions_of_one_store(fixture, suite.fixture().await, requirement).await
            },
    }
}

async fn live_sessions_are_counted<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    let none = fixture.count().await?;
    requirement.equal(none, 0);
    let record = fixture.record();
    let token = fixture.create(&record).await;
    fixture
        .create(&Record::new(&Meta { idle_deadline: fixture.now.after(MINUTE), ..fixture.meta() }, []))
        .await;
    requirement.equal(fixture.count().await, Ok(2));
    let at = fixture.now.after(MINUTE);
    requirement.equal(if_supported("count", fixture.store.count(at).await), Ok(1));
    let token = token_after(&token, fixture.renew(&token, &Patch::new()).await);
    requirement.equal(if_supported("count", fixture.store.count(at).await), Ok(1));
    fixture.destroy(&token).await;
    requirement.equal(if_supported("count", fixture.store.count(at).await), Ok(0));
    Ok(())
}

async fn live_sessions_are_listed<S: Store>(fixture: Fixture<S>, requirement: Requirement) -> Checked {
    let record = fixture.record();
    fixture.create(&record).await;
    fixture
        .create(&Record::new(&Meta { idle_deadline: fixture.now.after(MINUTE), ..fixture.meta() }, []))
        .await;
    let ended = fixture.create(&fixture.record()).await;
    fixture.destroy(&ended).await;
    let listed = fixture.listed(fixture.now.after(MINUTE)).await?;
    requirement.equal(listed.len(), 1);
    fixture::assert_same_record(&requirement, &listed[0], &record);
    Ok(())
}

async fn a_session_that_is_live_throughout_is_listed<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let mut steady: Vec<(HandleId, Token)> = Vec::new();
    for _ in 0..40 {
        let record = fixture.record();
        steady.push((record.meta().id, fixture.create(&record).await));
    }
    let mut ending = BTreeMap::new();
    for _ in 0..40 {
        let record = fixture.record();
        ending.insert(record.meta().id, fixture.create(&record).await);
    }
    let mut coming = fixture.create(&fixture.record()).await;
    let mut listed = BTreeSet::new();
    let mut after = None;
    // Pages may be short or empty, but not without end.
    for round in 0..10_000 {
        let page = if_supported("list", fixture.store.list(after.as_ref(), 7, fixture.now).await)?;
        for id in page.records.iter().map(|record| record.meta().id) {
            listed.insert(id);
            if let Some(token) = ending.remove(&id) {
                fixture.destroy(&token).await;
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
        requirement.holds(round < 9_999, "a list without an end");
        let (_, token) = &steady[round % steady.len()];
        let _ = fixture.update(token, &Patch::new().set("round", round.to_le_bytes())).await;
        let going = std::mem::replace(&mut coming, fixture.create(&fixture.record()).await);
        fixture.destroy(&going).await;
    }
    let missing = steady.iter().filter(|(id, _)| !listed.contains(id)).count();
    requirement.holds(missing == 0, format_args!("{missing} of 40 are missing"));
    Ok(())
}

async fn a_list_ends_even_if_sessions_are_created_faster_than_listed<S: Store>(
    fixture: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let mut steady = BTreeSet::new();
    for _ in 0..20 {
        let record = fixture.record();
        fixture.create(&record).await;
        steady.insert(record.meta().id);
    }
    let mut listed = BTreeSet::new();
    let mut after = None;
    for page in 0.. {
        requirement.holds(page < 500, "a list without an end");
        let found = if_supported("list", fixture.store.list(after.as_ref(), 1, fixture.now).await)?;
        listed.extend(found.records.iter().map(|record| record.meta().id));
        after = found.next;
        if after.is_none() {
            break;
        }
        for _ in 0..3 {
            fixture.create(&fixture.record()).await;
        }
    }
    requirement.holds(steady.is_subset(&listed), "a session that was there from the first page is missing");
    Ok(())
}

async fn clearing_destroys_all_sessions_of_one_store<S: Store>(
    fixture: Fixture<S>,
    other: Fixture<S>,
    requirement: Requirement,
) -> Checked {
    let tokens = [fixture.create(&fixture.record()).await, fixture.create(&fixture.record()).await];
    let elsewhere = other.create(&other.record()).await;
    let cleared = if_supported("clear", fixture.store.clear().await)?;
    requirement.equal(cleared, 2);
    for token in &tokens {
        requirement.equal(fixture.load(token).await, None);
    }
    requirement.equal(fixture.count().await.unwrap_or(0), 0);
    requirement.equal(if_supported("clear", fixture.store.clear().await), Ok(0));
    Requirement("`clear` leaves other data untouched").holds(other.load(&elsewhere).await.is_some(), "None");
    let token = fixture.create(&fixture.record()).await;
    Requirement("a store can be used after `clear`").holds(fixture.load(&token).await.is_some(), "None");
    Ok(())
}
