//! One sentence of the contract.

use std::fmt::Debug;

/// A sentence that a store is held to.
pub(super) struct Promise(pub(super) &'static str);

impl Promise {
    /// `seen` is shown when the promise was not kept.
    #[track_caller]
    pub(super) fn holds(&self, kept: bool, seen: impl Debug) {
        assert!(kept, "the store breaks a promise: {}\n  seen: {seen:?}", self.0);
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "callers have nothing else to do with them")]
    pub(super) fn equal<T: PartialEq + Debug>(&self, seen: T, promised: T) {
        assert!(
            seen == promised,
            "the store breaks a promise: {}\n  seen: {seen:?}\n  promised: {promised:?}",
            self.0
        );
    }
}
