//! Which fields of the record were dropped.

use session_core::Field;

/// How many fields go at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    #[default]
    Nothing,
    /// All but those declared to be kept.
    Unkept,
    All,
}

impl Scope {
    pub(super) fn includes(self, field: &Field) -> bool {
        match self {
            Self::Nothing => false,
            Self::Unkept => !field.keep,
            Self::All => true,
        }
    }
}

/// What was dropped, apart from what a patch of unknown fate carries.
#[derive(Default)]
pub(super) struct Drops {
    since: Scope,
    sent: Scope,
}

impl Drops {
    pub(super) fn add(&mut self, scope: Scope) {
        self.since = self.since.max(scope);
    }

    #[inline]
    pub(super) fn scope(&self) -> Scope {
        self.since.max(self.sent)
    }

    /// Whether a patch of unknown fate drops fields.
    pub(super) fn is_under_way(&self) -> bool {
        self.sent != Scope::Nothing
    }

    /// A patch was made, which drops fields or found none to drop.
    pub(super) fn send(&mut self, carried: bool) {
        self.sent = if carried { self.scope() } else { Scope::Nothing };
        self.since = Scope::Nothing;
    }

    pub(super) fn written(&mut self) {
        self.sent = Scope::Nothing;
    }
}
