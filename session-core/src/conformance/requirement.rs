//! A requirement of the contract, and its assertions.

use std::fmt::Debug;

/// A sentence of the contract, with which a failed assertion starts its message.
#[derive(Clone, Copy)]
pub(super) struct Requirement(pub(super) &'static str);

impl Requirement {
    /// Asserts that the requirement is met. `actual` is shown if it is not.
    #[track_caller]
    pub(super) fn holds(&self, is_met: bool, actual: impl Debug) {
        assert!(is_met, "the store violates its contract: {}\n  actual: {actual:?}", self.0);
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "callers have no other use for the values")]
    pub(super) fn equal<T: PartialEq + Debug>(&self, actual: T, expected: T) {
        assert!(
            actual == expected,
            "the store violates its contract: {}\n  actual: {actual:?}\n  expected: {expected:?}",
            self.0
        );
    }
}
