//! Which of the sessions that hold a value are destroyed.

use session_core::HandleId;

/// Which of the sessions that hold a value are destroyed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection {
    All,
    Except(HandleId),
    Only(HandleId),
}
