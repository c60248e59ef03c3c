//! Which of the sessions that hold a value are destroyed.

use session_core::HandleId;

/// Which of the sessions that hold a value are destroyed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection {
    All,
    Except(HandleId),
    Only(HandleId),
}

impl Selection {
    /// Whether the session with this handle id is destroyed. One whose handle id cannot be read is not the only one.
    #[cfg(feature = "mysql")]
    pub(crate) fn includes(self, id: Option<HandleId>) -> bool {
        match self {
            Self::All => true,
            Self::Except(other) => id != Some(other),
            Self::Only(other) => id == Some(other),
        }
    }
}
