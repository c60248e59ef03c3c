//! Sealed sessions, in each database.

mod at_rest;
mod forged;
mod keys;
mod restored;
mod writes;

use session_core::{Patch, Store as _, StoreError, Token};
use session_sql::SqlStore;

use crate::support::{MINUTE, count_one, indexed, now};

/// Checks that a session is corrupt for every verb that depends on what it holds.
async fn assert_corrupt(store: &SqlStore, token: &Token, what: &str) {
    for result in [
        store.load(token, now()).await.map(drop),
        store.update(token, &count_one(), now()).await.map(drop),
        store.update(token, &Patch::new().keep_only(["name"]), now()).await.map(drop),
        store.touch(token, now().after(40 * MINUTE), now()).await.map(drop),
        store.renew(token, &Patch::new(), now()).await.map(drop),
    ] {
        assert!(matches!(result, Err(StoreError::Corrupt(_))), "{what}: {result:?}");
    }
}

/// Number of sessions that are found by `user`.
async fn found(store: &SqlStore, user: &str) -> usize {
    store.find_by("user", &indexed(user), &[], now()).await.unwrap().len()
}
