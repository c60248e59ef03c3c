//! The principal of a session, and when it authenticated.

use std::time::Duration;

use session_core::Timestamp;

use crate::data::Owner;
use crate::databag::{Databag, HasPrincipal};
use crate::session::Session;
use crate::state::Freshness;

/// Tolerated clock skew between servers: how far a time of authentication may be ahead of this server's clock.
const MAX_SKEW: Duration = Duration::from_secs(60);

impl<T: HasPrincipal> Session<T> {
    /// Returns the session's [principal](crate::guide::principal), also one that this request set; `None` while nobody is
    /// signed in.
    ///
    /// ```
    /// # use session::{Databag, Error, MemoryStore, SessionManager};
    /// #[derive(Databag)]
    /// struct UserSession {
    ///     #[databag(principal)]
    ///     user_id: Option<u64>,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// let session = SessionManager::<UserSession>::new(MemoryStore::new()).create().await?;
    /// assert_eq!(session.principal(), None);
    /// session.data.set_user_id(7);
    /// assert_eq!(session.principal(), Some(7));
    /// # session.save().await
    /// # }
    /// ```
    #[doc(alias = "current_user")]
    #[doc(alias = "is_authenticated")]
    pub fn principal(&self) -> Option<T::Principal> {
        drop(self.shared.used());
        self.shared.contents().principal::<T>()
    }
}

impl<T: Databag> Session<T> {
    /// Records that the session's principal has proved their identity again, for example by entering the password
    /// before a sensitive action.
    ///
    /// With the commit the session gets a new token and a new [time of authentication](Session::authenticated_at), and both
    /// deadlines restart, unless the request sets others. A change to another
    /// [principal](crate::guide::principal) does the same. It does nothing for a session without a principal, and
    /// is dropped if the response is 5xx.
    ///
    /// ```
    /// # use session::{Databag, Error, MemoryStore, Session, SessionManager};
    /// # use std::time::Duration;
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// async fn change_email(session: Session<UserSession>, password_is_right: bool) -> &'static str {
    ///     if password_is_right {
    ///         session.authenticated();
    ///     }
    ///     if !session.is_fresh(Duration::from_secs(5 * 60)) {
    ///         return "enter your password";
    ///     }
    ///     "changed"
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let session = SessionManager::<UserSession>::new(MemoryStore::new()).create().await?;
    /// # assert_eq!(change_email(session.clone(), true).await, "enter your password");
    /// # session.data.set_user_id(7);
    /// # session.save().await?;
    /// # assert_eq!(change_email(session, false).await, "changed");
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "reauthenticate")]
    #[doc(alias = "step_up")]
    #[doc(alias = "sudo mode")]
    pub fn authenticated(&self) {
        let now = self.shared.engine.clock.now();
        self.shared.used().overrides().authenticated_at = Some(now);
    }

    /// Returns when the session's principal last proved their identity: by signing in, or by
    /// [`authenticated`](Session::authenticated), also in this request. `None` while nobody is signed in, and if another
    /// client [has to authenticate](crate::guide::bind).
    #[doc(alias = "auth_time")]
    #[doc(alias = "last_login")]
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        let (again, freshness) = {
            let state = self.shared.used();
            (state.authenticated_at(), state.freshness)
        };
        let mut contents = self.shared.contents();
        match contents.owner() {
            Owner::Nobody => None,
            Owner::Same if freshness == Freshness::Doubted => again,
            Owner::Same => again.or(contents.meta()?.authenticated_at),
            Owner::New => Some(self.shared.engine.clock.now()),
        }
    }

    /// Whether the session's principal proved their identity less than `within` ago, for actions that require
    /// re-authentication.
    ///
    /// `false` while nobody is signed in. A time up to a minute ahead of this server's clock counts as the present,
    /// since the clocks of servers differ; a later one counts as never.
    #[doc(alias = "fresh_login")]
    #[doc(alias = "recently_authenticated")]
    pub fn is_fresh(&self, within: Duration) -> bool {
        let now = self.shared.engine.clock.now();
        self.authenticated_at().is_some_and(|at| at.since(now) <= MAX_SKEW && now.since(at) < within)
    }
}
