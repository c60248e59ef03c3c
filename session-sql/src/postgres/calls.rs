//! Calls that may wait for a connection.

use session_core::{Record, StoreError, StoreKey, Timestamp};

use super::changes::Changes;
use crate::outcome::Outcome;

/// A load of a session.
pub(super) struct Load {
    pub(super) key: StoreKey,
    pub(super) now: Timestamp,
}

pub(super) type Loaded = Result<Option<Record>, StoreError>;

/// An update of a session: fields that are set or removed, additions, and an idle deadline.
pub(super) struct Update {
    pub(super) key: StoreKey,
    pub(super) changes: Changes,
    pub(super) idle_deadline: Option<Timestamp>,
    pub(super) now: Timestamp,
}

/// The result of an update; `None` if it is to be executed alone.
pub(super) type Updated = Option<Result<Outcome, StoreError>>;
