//! Values are any bytes, names any text, and neither gets into a log.

use super::Promise;
use super::trial::{self, Trial, follow, hides, shown};
use crate::{Patch, Record, Store, StoreError};

/// Names that mean something to some server, language or protocol.
const NAMES: [&str; 14] = [
    "id",
    "cookie",
    "__proto__",
    "a:b",
    "*",
    "{tag}",
    "with space",
    "new\r\nline",
    "nul\0",
    "ключ",
    "🔑",
    "'; --",
    "%s",
    "..",
];

pub(super) async fn run_stateless<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    names_may_be_any_text(trial().await).await;
    values_may_be_any_bytes(trial().await).await;
    nothing_shows_a_token(trial().await).await;
}

pub(super) async fn run<S: Store>(trial: &impl AsyncFn() -> Trial<S>) {
    a_value_may_be_a_megabyte(trial().await).await;
    what_is_too_large_changes_nothing(trial().await).await;
}

async fn names_may_be_any_text<S: Store>(trial: Trial<S>) {
    let promise = Promise("a field may have any name");
    let fields = NAMES.map(|name| (name, name.as_bytes()));
    let record = Record::new(&trial.meta(), fields);
    let token = trial.create(&record).await;
    trial::equal(&promise, &trial.live(&token).await, &record);

    let all = NAMES.iter().fold(Patch::new(), |patch, name| patch.set(*name, *b"new"));
    let (token, patched) = trial.patched(&record, &all).await;
    let expected = Record::new(&record.meta(), NAMES.map(|name| (name, b"new".as_slice())));
    trial::equal(&promise, &patched, &expected);

    let none = NAMES.iter().fold(Patch::new(), |patch, name| patch.remove(*name));
    let token = follow(&token, trial.update(&token, &none).await);
    promise.equal(shown(&trial.live(&token).await).len(), 0);
}

async fn values_may_be_any_bytes<S: Store>(trial: Trial<S>) {
    let promise = Promise("a value may be any bytes");
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for value in [&*all, b"", b"\0", b"\r\n", b"\xff\xfe", b"nil", b"0", b"-1"] {
        let record = Record::new(&trial.meta(), [("value", value)]);
        let token = trial.create(&record).await;
        trial::equal(&promise, &trial.live(&token).await, &record);
        let (_, patched) = trial.patched(&trial.record(), &Patch::new().set("name", value)).await;
        promise.equal(patched.get("name"), Some(value));
    }
}

async fn nothing_shows_a_token<S: Store>(trial: Trial<S>) {
    let token = trial.create(&trial.record()).await;
    let patch = Patch::new().set("name", *b"bob");
    hides(&token, &trial.store.load(&token, trial.now).await);
    let updated = trial.store.update(&token, &patch, trial.now).await;
    hides(&token, &updated);
    let token = follow(&token, trial::worked("update", updated));
    hides(&token, &trial.store.list(None, 10, trial.now).await);
    let renewed = trial.store.renew(&token, &patch, trial.now).await;
    hides(&token, &renewed);
    let shown = format!("{renewed:?}");
    let fresh = follow(&token, trial::worked("renew", renewed));
    hides(&fresh, &shown);
    hides(&token, &trial.store.update(&token, &patch, trial.now).await);
    hides(&token, &trial.store.destroy(&token).await);
}

async fn a_value_may_be_a_megabyte<S: Store>(trial: Trial<S>) {
    let promise = Promise("a value of a megabyte comes back as it was");
    let large: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 20).collect();
    let token = trial.create(&Record::new(&trial.meta(), [("large", &*large)])).await;
    promise.holds(trial.live(&token).await.get("large") == Some(&*large), "other bytes");
    let (token, patched) = trial.patched(&trial.record(), &Patch::new().set("large", large.clone())).await;
    promise.holds(patched.get("large") == Some(&*large), "other bytes");
    let token = follow(&token, trial.renew(&token, &Patch::new()).await);
    promise.holds(trial.live(&token).await.get("large") == Some(&*large), "other bytes");
}

/// A store may have no limit, or one that this does not reach.
async fn what_is_too_large_changes_nothing<S: Store>(trial: Trial<S>) {
    let promise = Promise("what is too large is not written");
    let record = trial.record();
    let token = trial.create(&record).await;
    let patch = Patch::new().set("theme", *b"light").set("large", vec![0; 5 << 20]);
    for result in [
        trial.store.update(&token, &patch, trial.now).await,
        trial.store.renew(&token, &patch, trial.now).await,
    ] {
        match result {
            Err(StoreError::TooLarge { .. }) => {
                hides(&token, &result);
                trial::equal(&promise, &trial.live(&token).await, &record);
            }
            other => drop(trial::worked("write five megabytes or answer `TooLarge`", other)),
        }
    }
}
