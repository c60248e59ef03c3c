//! The ids of old sessions that a request presents.

/// Ids of sessions of another library.
#[derive(Clone, Default)]
pub(in crate::http) struct OldIds {
    /// Those that the request presents in the other library's cookie.
    pub(in crate::http) ids: Vec<String>,
    /// Whether the session of this request continues one of them.
    pub(in crate::http) is_adopted: bool,
}
