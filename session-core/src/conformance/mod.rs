//! The test suite for stores, which follows the documentation of [`Store`](crate::Store) line by line.
//!
//! The test of a store consists of its constructor, which returns a new, empty store.
//!
//! ```
//! #[tokio::test]
//! async fn my_store_meets_the_contract() {
//!     session_core::conformance::run(async || MyStore::new()).await;
//! }
//! ```
//!
//! A check that fails panics with the violated sentence of the contract and the actual result. The suite prints a line
//! for each promise: whether it is kept, violated, or skipped and why. `cargo test` shows them if the test fails, and with
//! `-- --nocapture`. Optional methods are checked unless they return
//! [`StoreError::Unsupported`](crate::StoreError::Unsupported). What needs more than a constructor, such as an outage, is
//! checked if a [`Harness`] offers it.
//!
//! The suite does not wait: `now` ranges from the current time to several days later. Deadlines are at least minutes
//! ahead of the current time, so a store may also let its server expire sessions. Races run on separate threads, under
//! any flavour of tokio runtime.

mod at_rest;
mod authentication;
mod bytes;
mod checked;
mod colliding;
mod corrupting;
mod deadlines;
mod destroying;
mod destroying_by;
mod destroying_by_races;
mod dropping;
mod entries;
mod extend;
mod fixture;
mod harness;
mod index_deadlines;
mod index_values;
mod indexing;
mod interrupting;
mod limited_user;
mod limiting;
mod limiting_races;
mod listing;
mod loading;
mod model;
mod pauses;
mod race;
mod racing;
mod renewing;
mod requirement;
mod revocations;
mod steps;
mod suite;
mod sweeping;
mod updating;
mod writes;

pub use self::harness::Harness;

use self::checked::{Checked, Skipped};
use self::requirement::Requirement;
use self::suite::{Suite, check};
use crate::Revocations;

/// Checks a store that keeps sessions on the server.
///
/// Takes a second for a store in memory, and makes about a hundred stores.
///
/// # Panics
///
/// If the store violates its contract. The message contains the violated sentence.
pub async fn run(harness: impl Harness) {
    // Boxed, since the future is large.
    Box::pin(check_all(harness)).await;
}

/// Checks a store whose tokens contain the records.
///
/// Such a store keeps no state, so it cannot end a session, sum up concurrent additions to a counter, or hold a
/// megabyte. Everything that the contract requires for a client with one request at a time is checked.
///
/// # Panics
///
/// If the store violates its contract. The message contains the violated sentence.
pub async fn run_stateless(harness: impl Harness) {
    let suite = &Suite::new(&harness);
    check_stateless(suite).await;
    model::run_stateless(suite).await;
}

async fn check_all(harness: impl Harness) {
    let suite = &Suite::new(&harness);
    check_stateless(suite).await;
    authentication::run(suite).await;
    destroying::run(suite).await;
    renewing::run(suite).await;
    updating::run(suite).await;
    listing::run(suite).await;
    sweeping::run(suite).await;
    indexing::run(suite).await;
    destroying_by::run(suite).await;
    limiting::run(suite).await;
    index_deadlines::run(suite).await;
    dropping::run(suite).await;
    colliding::run(suite).await;
    corrupting::run(suite).await;
    interrupting::run(suite).await;
    at_rest::run(suite).await;
    index_values::run(suite).await;
    pauses::run(suite).await;
    model::run_stateless(suite).await;
    model::run(suite).await;
    bytes::run(suite).await;
    index_values::run_large(suite).await;
    racing::run(suite).await;
    entries::run(suite).await;
    sweeping::run_races(suite).await;
    destroying_by_races::run(suite).await;
    limiting_races::run(suite).await;
}

async fn check_stateless<H: Harness>(suite: &Suite<'_, H>) {
    loading::run_stateless(suite).await;
    updating::run_stateless(suite).await;
    renewing::run_stateless(suite).await;
    deadlines::run_stateless(suite).await;
    authentication::run_stateless(suite).await;
    bytes::run_stateless(suite).await;
    entries::run_stateless(suite).await;
    dropping::run_stateless(suite).await;
}

/// Checks a revocation list against the contract of [`Revocations`].
///
/// `make` returns a list, which may be shared with other checks.
///
/// # Panics
///
/// If the list violates its contract. The message contains the violated sentence.
pub async fn run_revocations<R: Revocations>(make: impl AsyncFn() -> R) {
    revocations::run(make).await;
}
