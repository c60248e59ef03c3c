//! Conditions on sessions: the value of an indexed field, and the handle id.

use session_core::HandleId;

/// The name of an indexed field and a value of it.
pub(super) type IndexedValue<'a> = (&'a str, &'a [u8]);

/// A condition on a session's handle id.
#[derive(Clone, Copy)]
pub(super) enum HandleFilter {
    Any,
    Except(HandleId),
    Only(HandleId),
}

impl HandleFilter {
    pub(super) fn matches(self, id: HandleId) -> bool {
        match self {
            Self::Any => true,
            Self::Except(other) => id != other,
            Self::Only(one) => id == one,
        }
    }
}
