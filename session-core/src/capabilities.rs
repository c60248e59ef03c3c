//! Properties of a store that sessions adapt to.

/// Properties of a store that sessions adapt to, as [`Store::capabilities`](crate::Store::capabilities) returns them.
///
/// ```
/// use session_core::Capabilities;
///
/// let capabilities = Capabilities::default().with_session_limits();
/// assert!(capabilities.session_limits && !capabilities.stateless);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The token is the record itself, so that every write answers [`NewToken`](crate::WriteOutcome::NewToken).
    ///
    /// Such a session is not written once its client can no longer be given a token.
    pub record_in_token: bool,
    /// The store remembers nothing of a session but what its token says.
    ///
    /// Of two writes that compare a field with one value both then succeed, so that no value can be claimed for one
    /// request alone; and destroying ends nothing unless the client forgets its token.
    pub stateless: bool,
    /// [`create_limited`](crate::Store::create_limited) and [`renew_limited`](crate::Store::renew_limited) are implemented;
    /// a [`SessionLimit`](crate::SessionLimit) is refused otherwise.
    pub session_limits: bool,
}

impl Capabilities {
    /// Sets [`record_in_token`](Capabilities::record_in_token).
    #[must_use]
    pub const fn with_record_in_token(mut self) -> Self {
        self.record_in_token = true;
        self
    }

    /// Sets [`stateless`](Capabilities::stateless).
    #[must_use]
    pub const fn with_stateless(mut self) -> Self {
        self.stateless = true;
        self
    }

    /// Sets [`session_limits`](Capabilities::session_limits).
    #[must_use]
    pub const fn with_session_limits(mut self) -> Self {
        self.session_limits = true;
        self
    }
}
