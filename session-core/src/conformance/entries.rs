//! Maps whose entries are fields of the record.

use super::fixture::{self, Fixture, add, counter, expect_ok, token_after};
use super::{Harness, Requirement, Suite, check};
use crate::value::KEPT;
use crate::{Patch, Record, Store, entry};

/// Entries of the map in the checks. A sealed cookie has room for them.
const MANY: u32 = 100;

pub(super) async fn run_stateless<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "entries that the patch does not name keep their values"
            => each_entry_is_changed_by_itself,
        "an entry is retained if its value is marked as kept, or its name is given"
            => entries_are_dropped_and_kept_by_themselves,
        "the key of an entry may be long and any text"
            => a_key_may_be_long_and_any_text,
    }
}

pub(super) async fn run<H: Harness>(suite: &Suite<'_, H>) {
    check! {
        suite;
        "of concurrent writes of different entries none is lost, and additions sum up"
            => concurrent_writes_of_entries_are_merged,
    }
}

fn name(key: u32) -> String {
    entry::name("cart", &key.to_string())
}

async fn each_entry_is_changed_by_itself<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let all = (0..MANY).fold(Patch::new(), |patch, key| patch.set(name(key), key.to_string()));
    let token = token_after(&token, fixture.update(&token, &all).await);
    let changes = Patch::new().set(name(7), *b"new").remove(name(8)).with(name(MANY), add(5));
    let token = token_after(&token, fixture.update(&token, &changes).await);
    let seen = fixture.load_live(&token).await;
    for key in (0..MANY).filter(|key| ![7, 8].contains(key)) {
        requirement.equal(seen.get(&name(key)), Some(key.to_string().as_bytes()));
    }
    requirement.equal(seen.get(&name(7)), Some(b"new".as_slice()));
    requirement.equal(seen.get(&name(8)), None);
    requirement.equal(seen.get(&name(MANY)), Some(&*counter(5)));
    requirement.equal(seen.get("name"), Some(b"ada".as_slice()));
}

async fn entries_are_dropped_and_kept_by_themselves<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let entries = Patch::new().set(name(1), [1]).set(name(2), [KEPT | 1]).set(name(3), [1]);
    let token = token_after(&token, fixture.update(&token, &entries).await);
    let patch = Patch::new().keep_only([name(3)]).set(name(4), [1]);
    let token = token_after(&token, fixture.update(&token, &patch).await);
    let seen = fixture.load_live(&token).await;
    let names: Vec<_> = seen.fields().map(|(name, _)| name.to_owned()).collect();
    requirement.equal(names, vec![name(2), name(3), name(4)]);
}

async fn a_key_may_be_long_and_any_text<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let keys = ["\"\"".to_owned(), "-1".to_owned(), "\"a\u{1f}b\0\r\n €\"".to_owned(), "x".repeat(256)];
    let names = keys.map(|key| entry::name(&"m".repeat(128), &key));
    let record = Record::new(&fixture.meta(), names.iter().map(|name| (name.as_str(), name.as_bytes())));
    let token = fixture.create(&record).await;
    fixture::assert_same_record(&requirement, &fixture.load_live(&token).await, &record);
    let patch = names.iter().fold(Patch::new(), |patch, name| patch.remove(name.clone()));
    let token = token_after(&token, fixture.update(&token, &patch).await);
    requirement.equal(fixture.load_live(&token).await.fields().count(), 0);
}

async fn concurrent_writes_of_entries_are_merged<S: Store>(fixture: Fixture<S>, requirement: Requirement) {
    let token = fixture.create(&fixture.record()).await;
    let now = fixture.now;
    let rounds: Vec<_> = (0..10).map(|round| (token.clone(), round)).collect();
    let written = fixture.race(5, rounds.clone(), move |thread, (token, round), store| async move {
        let own = entry::name("cart", &format!("\"{thread} {round}\""));
        let patch = Patch::new().set(own, *b"set").with(entry::name("votes", "1"), add(1));
        token_after(&token, expect_ok("update", store.update(&token, &patch, now).await));
    });
    written.await;
    let seen = fixture.load_live(&token).await;
    let entries = seen.fields().filter(|(name, _)| entry::split(name).is_some_and(|(map, _)| map == "cart"));
    requirement.equal(entries.count(), 50);
    requirement.equal(seen.get(&entry::name("votes", "1")), Some(&*counter(50)));
}
