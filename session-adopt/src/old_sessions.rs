//! The contract of stores of another library.

use session_core::{BoxFuture, StoreError, Timestamp, Token};

use crate::{OldCookie, OldSession};

/// Sessions of another library, which are continued as sessions of this one.
///
/// [`OldStore`](crate::OldStore) implements it for the stores of some libraries. An application with sessions of its own making
/// implements it itself.
pub trait OldSessions: Send + Sync + 'static {
    /// Returns the cookie that carries the ids of the old sessions.
    fn cookie(&self) -> &OldCookie;

    /// Finds the session of an id that a client presented in the cookie, without changing anything.
    ///
    /// `None` for an unknown id and for a session that had expired at `now`. After [`replace`](OldSessions::replace)
    /// returned `true` it is never [`Found::Session`] again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if there is a session that cannot be read; it counts as absent. Any other error if it is unknown
    /// whether there is one.
    fn find<'a>(&'a self, id: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Option<Found>, StoreError>>;

    /// Ends an old session that was found, because the session with the token `successor` continues it.
    ///
    /// Atomic, also between processes: of several calls for one session one returns `true`. `false` if the session was
    /// replaced by another call, or has ended.
    ///
    /// Requests with the old cookie that are under way at the same time should find the successor for about a minute.
    ///
    /// # Errors
    ///
    /// If it is unknown whether the session was ended.
    fn replace<'a>(
        &'a self,
        id: &'a str,
        successor: &'a Token,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;
}

/// What became of an old session.
#[derive(Debug)]
#[non_exhaustive]
pub enum Found {
    /// It is live.
    Session(OldSession),
    /// It was replaced a moment ago by the session with this token.
    Successor(Token),
}
