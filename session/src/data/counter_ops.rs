//! Operations on counters.

/// The sum of some operations on a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CounterOp {
    /// Adds to the current number.
    Add(i64),
    /// Overwrites.
    Set(i64),
}

impl CounterOp {
    pub(super) const NONE: Self = Self::Add(0);

    fn then(self, later: Self) -> Self {
        match (self, later) {
            (_, Self::Set(number)) => Self::Set(number),
            (Self::Set(number), Self::Add(by)) => Self::Set(number.saturating_add(by)),
            (Self::Add(one), Self::Add(two)) => Self::Add(one.saturating_add(two)),
        }
    }

    /// Applies the operation to `base`.
    pub(super) fn on(self, base: i64) -> i64 {
        match self {
            Self::Add(by) => base.saturating_add(by),
            Self::Set(number) => number,
        }
    }
}

/// Operations on a counter. Those in a patch of unknown outcome are separate from later ones, so that they are neither
/// sent twice if the patch was applied, nor lost if it was not.
#[derive(Clone, Copy)]
pub(super) struct CounterOps {
    sent: CounterOp,
    later: CounterOp,
}

impl Default for CounterOps {
    fn default() -> Self {
        Self { sent: CounterOp::NONE, later: CounterOp::NONE }
    }
}

impl CounterOps {
    pub(super) fn push(&mut self, next: CounterOp) {
        self.later = self.later.then(next);
    }

    /// The content of the next patch.
    pub(super) fn total(self) -> CounterOp {
        self.sent.then(self.later)
    }

    /// Marks the next patch as made.
    pub(super) fn send(&mut self) {
        *self = Self { sent: self.total(), later: CounterOp::NONE };
    }

    /// Marks the patch as applied. Returns whether operations are left.
    pub(super) fn applied(&mut self) -> bool {
        self.sent = CounterOp::NONE;
        self.later != CounterOp::NONE
    }
}
