//! `create` and `update`: fresh tokens, merged fields, nothing out of nothing.

use super::Promise;
use super::trial::{self, Trial, add, counter, follow, shown};
use crate::{Change, Deadlines, Patch, Record, Store, WriteOutcome};

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    every_session_gets_a_token_of_its_own(trial().await).await;
    a_token_moves_as_the_store_says(trial().await).await;
    fields_that_a_patch_does_not_name_stay(trial().await).await;
    a_removed_field_leaves_no_trace(trial().await).await;
    a_field_is_removed_if_it_is_as_expected(trial().await).await;
    keep_only_drops_the_others(trial().await).await;
    what_says_that_it_is_kept_outlives_keep_only(trial().await).await;
    an_empty_patch_changes_nothing(trial().await).await;
    counters_add_up_and_stop_at_their_limits(trial().await).await;
    a_swap_writes_what_was_expected(trial().await).await;
    a_conflict_changes_nothing(trial().await).await;
}

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    update_never_creates(trial().await).await;
}

async fn every_session_gets_a_token_of_its_own<S: Store>(trial: Trial<S>) {
    let promise = Promise("`create` mints a fresh token and never overwrites");
    let record = trial.record();
    let first = trial.create(&record).await;
    let second = trial.create(&record).await;
    promise.holds(first != second, "one token for two sessions");
    let changed = follow(&second, trial.update(&second, &Patch::new().set("name", *b"bob")).await);
    promise.equal(trial.live(&changed).await.get("name"), Some(b"bob".as_slice()));
    trial::equal(&promise, &trial.live(&first).await, &record);
}

async fn a_token_moves_as_the_store_says<S: Store>(trial: Trial<S>) {
    let promise = Promise("`update` answers `NewToken` when `record_in_token` says so, and `Done` otherwise");
    let token = trial.create(&trial.record()).await;
    let written = trial.update(&token, &Patch::new().set("name", *b"bob")).await;
    promise.holds(
        matches!(written, WriteOutcome::NewToken(_)) == trial.store.capabilities().record_in_token,
        written,
    );
}

async fn fields_that_a_patch_does_not_name_stay<S: Store>(trial: Trial<S>) {
    let promise = Promise("fields that the patch does not name keep what they hold");
    let record = trial.record();
    let patch = Patch::new().set("name", *b"bob").set("cart", *b"tea");
    let (token, patched) = trial.patched(&record, &patch).await;
    let expected = Record::new(
        &record.meta(),
        [("name", b"bob".as_slice()), ("theme", b"dark".as_slice()), ("cart", b"tea".as_slice())],
    );
    trial::equal(&promise, &patched, &expected);
    let token = follow(&token, trial.update(&token, &Patch::new().set("theme", *b"light")).await);
    let seen = trial.live(&token).await;
    promise.equal(seen.get("cart"), Some(b"tea".as_slice()));
    promise.equal(seen.get("name"), Some(b"bob".as_slice()));
}

async fn a_removed_field_leaves_no_trace<S: Store>(trial: Trial<S>) {
    let promise = Promise("a removed field leaves no trace");
    let record = trial.record();
    let patch = Patch::new().remove("name").remove("never there");
    let (_, patched) = trial.patched(&record, &patch).await;
    trial::equal(&promise, &patched, &Record::new(&record.meta(), [("theme", b"dark".as_slice())]));
    let (_, emptied) = trial.patched(&record, &patch.remove("theme")).await;
    trial::equal(&Promise("a session without fields lives on"), &emptied, &Record::new(&record.meta(), []));
}

async fn a_field_is_removed_if_it_is_as_expected<S: Store>(trial: Trial<S>) {
    let promise = Promise("`RemoveIf` removes a field that holds the expected bytes, and leaves any other");
    let remove_if = |expected: &[u8]| Change::RemoveIf { expected: expected.to_vec() };
    let record = trial.record();
    for other in [b"".as_slice(), b"ad", b"adaa", b"eve"] {
        let patch = Patch::new().with("name", remove_if(other)).with("never there", remove_if(other));
        trial::equal(&promise, &trial.patched(&record, &patch).await.1, &record);
    }
    let without = Record::new(&record.meta(), [("theme", b"dark".as_slice())]);
    let patch = Patch::new().with("name", remove_if(b"ada"));
    trial::equal(&promise, &trial.patched(&record, &patch).await.1, &without);
    let patch = Patch::new().with("name", remove_if(b"eve")).keep_only(["theme"]);
    trial::equal(&promise, &trial.patched(&record, &patch).await.1, &without);
}

async fn keep_only_drops_the_others<S: Store>(trial: Trial<S>) {
    let promise = Promise("`keep_only` drops the fields it does not name before the changes apply");
    let record =
        trial.record().apply(&Patch::new().with("visits", add(5))).unwrap_or_else(|_| trial.record());
    let patch =
        Patch::new().keep_only(["theme", "never there"]).set("cart", *b"tea").with("visits", add(1)).with(
            "name",
            Change::CompareAndSet { expected: Some(b"ada".to_vec()), value: Some(b"bob".to_vec()) },
        );
    let (_, patched) = trial.patched(&record, &patch).await;
    let one = counter(1);
    let expected = Record::new(
        &record.meta(),
        [
            ("theme", b"dark".as_slice()),
            ("cart", b"tea".as_slice()),
            ("visits", one.as_slice()),
            ("name", b"bob".as_slice()),
        ],
    );
    trial::equal(&promise, &patched, &expected);
    let (_, emptied) = trial.patched(&trial.record(), &Patch::new().keep_only([""; 0])).await;
    promise.equal(shown(&emptied).len(), 0);
}

async fn what_says_that_it_is_kept_outlives_keep_only<S: Store>(trial: Trial<S>) {
    let promise =
        Promise("a value whose first byte says that it is kept outlives `keep_only`, and not `drop_all`");
    let keep = Change::Add { by: 3, min: 0, max: 9, keep: true };
    let filled = Patch::new().set("kept", [0x81, 1]).set("index", [0xc1, 2]).with("visits", keep.clone());
    let (token, record) = trial.patched(&trial.record(), &filled).await;
    let patch = Patch::new().keep_only([""; 0]).with("visits", keep);
    let token = follow(&token, trial.update(&token, &patch).await);
    let six = [0x83, b'6'];
    let expected = Record::new(
        &record.meta(),
        [("kept", [0x81, 1].as_slice()), ("index", &[0xc1, 2]), ("visits", &six)],
    );
    trial::equal(&promise, &trial.live(&token).await, &expected);
    let token = follow(&token, trial.update(&token, &Patch::new().drop_all()).await);
    promise.equal(shown(&trial.live(&token).await).len(), 0);
}

async fn an_empty_patch_changes_nothing<S: Store>(trial: Trial<S>) {
    let record = trial.record();
    let (_, patched) = trial.patched(&record, &Patch::new()).await;
    trial::equal(&Promise("an empty patch changes nothing"), &patched, &record);
}

async fn counters_add_up_and_stop_at_their_limits<S: Store>(trial: Trial<S>) {
    let small = |by| Change::Add { by, min: -10, max: 10, keep: false };
    let sums = [
        ("a counter starts from zero", vec![add(3)], 3),
        ("additions to a counter sum up", vec![add(3), add(4), add(-9)], -2),
        ("a counter stops at its greatest value", vec![small(7), small(7)], 10),
        ("a counter stops at its least value", vec![small(-7), small(-7)], -10),
        ("a counter that stopped can go back", vec![small(70), small(-1)], 9),
        ("a counter does not wrap at the top", vec![add(i64::MAX), add(1)], i64::MAX),
        ("a counter does not wrap at the bottom", vec![add(i64::MIN), add(-1)], i64::MIN),
        ("a counter is exact beyond 2^53", vec![add(1 << 53), add(1)], (1 << 53) + 1),
    ];
    for (promise, changes, sum) in sums {
        let mut token = trial.create(&trial.record()).await;
        for change in changes {
            token = follow(&token, trial.update(&token, &Patch::new().with("visits", change)).await);
        }
        Promise(promise).equal(trial.live(&token).await.get("visits"), Some(&*counter(sum)));
    }
}

async fn a_swap_writes_what_was_expected<S: Store>(trial: Trial<S>) {
    let promise = Promise("a comparison that holds writes its value");
    let value = |text: &str| Some(text.as_bytes().to_vec());
    for (name, expected, value) in [
        ("name", value("ada"), value("bob")),
        ("name", value("ada"), None),
        ("code", None, value("1234")),
        ("code", None, None),
    ] {
        let patch = Patch::new().with(name, Change::CompareAndSet { expected, value: value.clone() });
        let (_, patched) = trial.patched(&trial.record(), &patch).await;
        promise.equal(patched.get(name), value.as_deref());
        promise.equal(patched.get("theme"), Some(b"dark".as_slice()));
    }
}

async fn a_conflict_changes_nothing<S: Store>(trial: Trial<S>) {
    let promise = Promise("a failed comparison names its field and changes nothing");
    let record = trial.record();
    let token = trial.create(&record).await;
    for expected in [None, Some(b"eve".to_vec()), Some(b"".to_vec()), Some(b"adaa".to_vec())] {
        let patch = Patch::new()
            .set("theme", *b"light")
            .with("visits", add(1))
            .with("name", Change::CompareAndSet { expected, value: Some(b"bob".to_vec()) })
            .remove("theme")
            .keep_only(["visits"])
            .touch(record.meta().idle_deadline.after(trial::MINUTE))
            .set_deadlines(Deadlines {
                idle_timeout: trial::MINUTE,
                idle_deadline: trial.now.after(trial::MINUTE),
                lifetime_deadline: trial.now.after(trial::MINUTE),
                remember: true,
            });
        promise.equal(trial.update(&token, &patch).await, WriteOutcome::Conflict("name".to_owned()));
        promise.equal(trial.renew(&token, &patch).await, WriteOutcome::Conflict("name".to_owned()));
        trial::equal(&promise, &trial.live(&token).await, &record);
    }
}

async fn update_never_creates<S: Store>(trial: Trial<S>) {
    let promise = Promise("`update` never creates");
    let token = trial.create(&trial.record()).await;
    trial.destroy(&token).await;
    for patch in [Patch::new(), Patch::new().set("name", *b"eve"), Patch::new().with("n", add(1))] {
        promise.equal(trial.update(&token, &patch).await, WriteOutcome::Gone);
        promise.equal(trial.load(&token).await, None);
    }
    promise.equal(trial.count().await.unwrap_or(0), 0);
}
