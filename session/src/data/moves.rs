//! What was done to a counter.

/// Where a counter goes from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// This far, wherever it is.
    Add(i64),
    /// To this number.
    Set(i64),
}

impl Move {
    const NONE: Self = Self::Add(0);

    fn then(self, later: Self) -> Self {
        match (self, later) {
            (_, Self::Set(number)) => Self::Set(number),
            (Self::Set(number), Self::Add(by)) => Self::Set(number.saturating_add(by)),
            (Self::Add(one), Self::Add(two)) => Self::Add(one.saturating_add(two)),
        }
    }

    /// The number that it makes of `base`.
    pub(super) fn on(self, base: i64) -> i64 {
        match self {
            Self::Add(by) => base.saturating_add(by),
            Self::Set(number) => number,
        }
    }
}

/// What was done to a counter, apart from what a patch of unknown fate carries: that is neither sent twice once it
/// arrived, nor forgotten when it did not.
#[derive(Clone, Copy)]
pub(super) struct Moves {
    sent: Move,
    since: Move,
}

impl Default for Moves {
    fn default() -> Self {
        Self { sent: Move::NONE, since: Move::NONE }
    }
}

impl Moves {
    pub(super) fn push(&mut self, next: Move) {
        self.since = self.since.then(next);
    }

    /// What the next patch carries.
    pub(super) fn total(self) -> Move {
        self.sent.then(self.since)
    }

    pub(super) fn send(&mut self) {
        *self = Self { sent: self.total(), since: Move::NONE };
    }

    /// What was sent arrived. Whether anything is left.
    pub(super) fn written(&mut self) -> bool {
        self.sent = Move::NONE;
        self.since != Move::NONE
    }
}
