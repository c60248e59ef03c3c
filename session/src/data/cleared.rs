//! Clearing many fields at once.

use session_core::Field;

/// The fields that were cleared at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cleared {
    #[default]
    Nothing,
    /// All but those declared `keep`.
    Unkept,
    All,
}

impl Cleared {
    pub(super) fn includes(self, field: &Field) -> bool {
        match self {
            Self::Nothing => false,
            Self::Unkept => !field.keep,
            Self::All => true,
        }
    }
}

/// The fields that were cleared at once; those in a patch of unknown outcome are separate.
#[derive(Default)]
pub(super) struct Clearings {
    sent: Cleared,
    later: Cleared,
}

impl Clearings {
    pub(super) fn add(&mut self, cleared: Cleared) {
        self.later = self.later.max(cleared);
    }

    #[inline]
    pub(super) fn total(&self) -> Cleared {
        self.later.max(self.sent)
    }

    /// Whether a patch of unknown outcome drops fields.
    pub(super) fn is_under_way(&self) -> bool {
        self.sent != Cleared::Nothing
    }

    /// Records that a patch was made, and whether it drops fields.
    pub(super) fn send(&mut self, drops: bool) {
        self.sent = if drops { self.total() } else { Cleared::Nothing };
        self.later = Cleared::Nothing;
    }

    /// Marks the patch as applied.
    pub(super) fn applied(&mut self) {
        self.sent = Cleared::Nothing;
    }
}
