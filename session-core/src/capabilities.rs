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
    /// The token contains the record, so that every write returns [`NewToken`](crate::WriteOutcome::NewToken).
    ///
    /// The session is not written once the response can no longer set a cookie.
    pub record_in_token: bool,
    /// The store keeps no state of a session outside of its token.
    ///
    /// Two concurrent compare-and-set writes both succeed, so that no value can be claimed by one request exclusively,
    /// and a destroyed session ends only if the client deletes its token.
    pub stateless: bool,
    /// [`create_limited`](crate::Store::create_limited) and [`renew_limited`](crate::Store::renew_limited) are
    /// implemented. Otherwise a [`SessionLimit`](crate::SessionLimit) is refused.
    #[doc(alias = "concurrent sessions")]
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
