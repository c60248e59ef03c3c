//! Runs the checks of a harness, and prints a line for each promise.

use super::checked::{Checked, Outcome, Skipped};
use super::fixture::Fixture;
use super::harness::Harness;
use super::requirement::Requirement;

/// The checks of the stores of one harness.
pub(super) struct Suite<'a, H> {
    pub(super) harness: &'a H,
    skipped: Option<Skipped>,
    pauses: bool,
}

impl<'a, H: Harness> Suite<'a, H> {
    pub(super) fn new(harness: &'a H) -> Self {
        Self { harness, skipped: None, pauses: false }
    }

    /// Returns a suite that skips every check if `supported` is a reason to.
    pub(super) fn only_if(&self, supported: Checked) -> Self {
        Self { skipped: self.skipped.or(supported.err()), ..*self }
    }

    /// Returns a suite whose stores pause between their steps, if the harness can make them.
    pub(super) fn with_pauses(&self) -> Self {
        Self { pauses: true, ..*self }
    }

    /// Returns the fixture of a new store.
    pub(super) async fn fixture(&self) -> Fixture<H::Store> {
        if self.pauses
            && let Some(store) = self.harness.make_pausing().await
        {
            return Fixture::new(store);
        }
        Fixture::new(self.harness.make().await)
    }

    /// Checks a promise of the contract on a new store, and prints whether it is kept.
    ///
    /// # Panics
    ///
    /// If it is violated.
    pub(super) async fn check<O: Outcome>(
        &self,
        promise: &'static str,
        check: impl AsyncFnOnce(Fixture<H::Store>, Requirement) -> O,
    ) {
        if let Some(Skipped(reason)) = self.skipped {
            return println!("skipped: {promise} ({reason})");
        }
        let violated = PrintIfViolated(promise);
        let checked = check(self.fixture().await, Requirement(promise)).await.into_checked();
        std::mem::forget(violated);
        match checked {
            Ok(()) => println!("ok: {promise}"),
            Err(Skipped(reason)) => println!("skipped: {promise} ({reason})"),
        }
    }
}

/// Prints the promise when a panic drops it.
struct PrintIfViolated(&'static str);

impl Drop for PrintIfViolated {
    fn drop(&mut self) {
        println!("violated: {}", self.0);
    }
}

/// Checks promises of the contract one by one: the sentence, and the function that checks it.
macro_rules! check {
    ($suite:expr; $($promise:literal => $check:expr,)*) => {
        $($suite.check($promise, $check).await;)*
    };
}

pub(super) use check;
