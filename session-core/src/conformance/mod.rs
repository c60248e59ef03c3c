//! The suite that every store runs: the documentation of [`Store`], repeated line by line.
//!
//! A store's own test is its constructor, called for each check and giving a new store each time: empty, and
//! apart from the others (a prefix, a table or a namespace of its own where they share a server).
//!
//! ```
//! #[tokio::test]
//! async fn it_keeps_the_store_contract() {
//!     session_core::conformance::run(async || MyStore::new()).await;
//! }
//! ```
//!
//! A check that fails panics with the promise that was broken and what was seen instead. The optional methods
//! are checked unless they answer [`StoreError::Unsupported`](crate::StoreError::Unsupported).
//!
//! Time is told to the store, not waited for: `now` runs from the present to some days ahead, and deadlines lie
//! minutes ahead at least, so a store that also lets its server expire sessions passes as well. Races run
//! on threads of their own, under any flavour of tokio runtime.

mod bytes;
mod deadlines;
mod destroying;
mod dropping;
mod indexing;
mod limiting;
mod limiting_races;
mod listing;
mod loading;
mod model;
mod promise;
mod racing;
mod renewing;
mod revocations;
mod sweeping;
mod trial;
mod updating;

use self::promise::Promise;
use self::trial::Trial;
use crate::{Revocations, Store};

/// Checks a store that keeps sessions on the server.
///
/// `make` gives a new and empty store each time, about eighty in all. A store in memory is done in a second.
///
/// # Panics
///
/// When the store breaks a promise; the message names it.
pub async fn run<S: Store>(make: impl AsyncFn() -> S) {
    run_stateless(&make).await;
    let trial = async || Trial::new(make().await);
    bytes::run(&trial).await;
    destroying::run(&trial).await;
    renewing::run(&trial).await;
    updating::run(&trial).await;
    dropping::run(&trial).await;
    listing::run(&trial).await;
    sweeping::run(&trial).await;
    indexing::run(&trial).await;
    limiting::run(&trial).await;
    model::run(&trial).await;
    racing::run(&trial).await;
}

/// Checks a store whose tokens are the records: it keeps nothing, so it cannot end a session, add up what
/// concurrent requests count, or take a megabyte.
///
/// All that a store promises to a client with one request at a time holds for it too. `make` gives a new store each
/// time.
///
/// # Panics
///
/// When the store breaks a promise; the message names it.
pub async fn run_stateless<S: Store>(make: impl AsyncFn() -> S) {
    let trial = async || Trial::new(make().await);
    loading::run_stateless(&trial).await;
    updating::run_stateless(&trial).await;
    renewing::run_stateless(&trial).await;
    deadlines::run_stateless(&trial).await;
    bytes::run_stateless(&trial).await;
    dropping::run_stateless(&trial).await;
    model::run_stateless(&trial).await;
}

/// Checks a list of what was ended, as [`Revocations`] documents it.
///
/// # Panics
///
/// When the list breaks a promise; the message names it.
pub async fn run_revocations<R: Revocations>(make: impl AsyncFn() -> R) {
    revocations::run(make).await;
}
