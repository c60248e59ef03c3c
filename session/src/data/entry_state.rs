//! State of the entries of a map.

use std::collections::BTreeMap;

use session_core::Timestamp;

use super::counter_ops::CounterOps;
use super::field_state::FieldState;
use crate::codec::KeyError;

/// The entries of one field that were loaded or written.
///
/// The field's [`FieldState`] summarises them: loaded if all entries are, and written if at least one of them is.
#[derive(Default)]
pub(super) struct EntryStates {
    /// By the text of their keys.
    pub(super) states: BTreeMap<String, EntryState>,
    /// Why a key that the request wrote to cannot name an entry.
    pub(super) bad_key: Option<KeyError>,
    /// Whether entries are loaded from a map that was stored as one value, before the field stored them separately.
    pub(super) is_whole_loaded: bool,
}

/// State of one entry.
#[derive(Clone, Copy, Default)]
pub(super) struct EntryState {
    pub(super) state: FieldState,
    /// The state after the patch in progress.
    pub(super) next: FieldState,
    /// When the value in the bag expires, if it does.
    pub(super) deadline: Option<Timestamp>,
    pub(super) ops: CounterOps,
}

/// The key of an entry as text, if it can name one.
pub(crate) type EntryKey = Result<String, KeyError>;
