//! What becomes of a session that another client presents.

/// What becomes of a session of a principal that another client presents than the one from which its principal signed in.
///
/// Each choice also reports [`SessionEvent::ClientChanged`](crate::SessionEvent::ClientChanged).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientChange {
    /// It is reported, and nothing else happens.
    Report,
    /// In that request the sign-in does not count as fresh: [`is_fresh`](crate::Session::is_fresh) is `false` and
    /// [`authenticated_at`](crate::Session::authenticated_at) is `None`, until its principal
    /// [authenticates](crate::Session::authenticated) or somebody signs in.
    RequireFresh,
    /// The session counts as none and is destroyed with the commit.
    End,
}
