//! The test suite for stores, which follows the documentation of [`Store`] line by line.
//!
//! The test of a store consists of its constructor. It is called for each check and returns a new, empty store. Stores
//! on the same server must be separated by a prefix, a table or a namespace.
//!
//! ```
//! #[tokio::test]
//! async fn my_store_meets_the_contract() {
//!     session_core::conformance::run(async || MyStore::new()).await;
//! }
//! ```
//!
//! A check that fails panics with the violated sentence of the contract and the actual result. Optional methods are
//! checked unless they return [`StoreError::Unsupported`](crate::StoreError::Unsupported).
//!
//! The suite does not wait: `now` ranges from the current time to several days later. Deadlines are at least minutes
//! ahead of the current time, so a store may also let its server expire sessions. Races run on separate threads, under
//! any flavour of tokio runtime.

mod authentication;
mod bytes;
mod deadlines;
mod destroying;
mod dropping;
mod entries;
mod fixture;
mod indexing;
mod limited_user;
mod limiting;
mod limiting_races;
mod listing;
mod loading;
mod model;
mod racing;
mod renewing;
mod requirement;
mod revocations;
mod sweeping;
mod updating;

use self::fixture::Fixture;
use self::requirement::Requirement;
use crate::{Revocations, Store};

/// Checks a store that keeps sessions on the server.
///
/// `make` returns a new, empty store. It is called about ninety times. For a store in memory the suite takes a second.
///
/// # Panics
///
/// If the store violates its contract. The message contains the violated sentence.
pub async fn run<S: Store>(make: impl AsyncFn() -> S) {
    run_stateless(&make).await;
    let fixture = async || Fixture::new(make().await);
    authentication::run(&fixture).await;
    bytes::run(&fixture).await;
    destroying::run(&fixture).await;
    renewing::run(&fixture).await;
    updating::run(&fixture).await;
    dropping::run(&fixture).await;
    listing::run(&fixture).await;
    sweeping::run(&fixture).await;
    indexing::run(&fixture).await;
    limiting::run(&fixture).await;
    model::run(&fixture).await;
    racing::run(&fixture).await;
    entries::run(&fixture).await;
}

/// Checks a store whose tokens contain the records.
///
/// Such a store keeps no state, so it cannot end a session, sum up concurrent additions to a counter, or hold a
/// megabyte. Everything that the contract requires for a client with one request at a time is checked. `make` returns a
/// new store each time.
///
/// # Panics
///
/// If the store violates its contract. The message contains the violated sentence.
pub async fn run_stateless<S: Store>(make: impl AsyncFn() -> S) {
    let fixture = async || Fixture::new(make().await);
    loading::run_stateless(&fixture).await;
    updating::run_stateless(&fixture).await;
    renewing::run_stateless(&fixture).await;
    deadlines::run_stateless(&fixture).await;
    authentication::run_stateless(&fixture).await;
    bytes::run_stateless(&fixture).await;
    dropping::run_stateless(&fixture).await;
    entries::run_stateless(&fixture).await;
    model::run_stateless(&fixture).await;
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
