//! Treatment of a session that another client presents.

/// Treatment of a session that is presented by another client than the one from which its principal signed in.
///
/// Each variant also reports [`SessionEvent::ClientChanged`](crate::SessionEvent::ClientChanged).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientChange {
    /// Only reports it.
    Report,
    /// In that request the sign-in does not count as fresh: [`is_fresh`](crate::Session::is_fresh) is `false` and
    /// [`authenticated_at`](crate::Session::authenticated_at) is `None`, until its principal
    /// [authenticates](crate::Session::authenticated) or a user signs in.
    RequireFresh,
    /// The session is treated as absent and destroyed with the commit.
    End,
}
