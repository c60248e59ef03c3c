//! The setting.

use std::sync::atomic::AtomicU64;

use session_adopt::{OldSession, OldSessions};
use session_core::{BoxError, Record, Timestamp};

use crate::http::presented::Presented;

/// Sessions of another library, and how they become records. `C` is what sessions share.
pub(crate) struct Adoption<C> {
    pub(super) old: Box<dyn OldSessions>,
    pub(super) map: Map<C>,
    /// The number of sessions that could not be adopted.
    pub(super) failures: AtomicU64,
}

/// Maps an old session to a record for the client of a request. `None` if none of its values is taken.
type Map<C> =
    Box<dyn Fn(&OldSession, &C, &Presented, Timestamp) -> Result<Option<Record>, BoxError> + Send + Sync>;
