//! The limit of sessions for each principal.

use session_core::{Evict, Field};

use crate::builder::{Build, Builder};
use crate::config_error::ConfigError;
use crate::databag::Databag;
use crate::engine::Engine;

impl<Target: Build> Builder<Target> {
    /// The maximum number of live sessions of a principal, and whether another sign-in ends the oldest of them or is
    /// refused with [`Error::TooManySessions`](crate::Error::TooManySessions), status 409. Unlimited unless set.
    ///
    /// Enforced when a session gets the principal, so a session that renews or signs in again as the same user is not
    /// counted again. The limit holds once all concurrent sign-ins are done, however many there are; in a Redis Cluster
    /// there may be one too many for a moment. Sessions ended to make room are reported as
    /// [evicted](crate::EndReason::Evicted). They are not loaded: [`on_deleted`](Builder::on_deleted) gets their
    /// principal alone. A databag without a `principal` is not limited by a layer, and refused by a manager.
    ///
    /// ```
    /// # use session::{Databag, Evict, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// let manager = SessionManager::<UserSession>::builder(MemoryStore::new())
    ///     .max_sessions_per_principal(5, Evict::Oldest)
    ///     .build()?;
    /// # Ok::<_, session::ConfigError>(())
    /// ```
    #[doc(alias = "concurrent_sessions")]
    pub fn max_sessions_per_principal(mut self, max: usize, on_full: Evict) -> Self {
        self.engine.settings.session_limit = Some((max, on_full));
        self
    }
}

impl Engine {
    /// Checks that the limit, if one is set, is not zero and that the store supports it.
    pub(crate) fn check_limit(&self) -> Result<(), ConfigError> {
        match self.settings.session_limit {
            None => Ok(()),
            Some((0, _)) => Err(ConfigError::NoSessions),
            Some(_) if self.store.capabilities().session_limits => Ok(()),
            Some(_) => Err(ConfigError::LimitUnsupported { store: self.store.name() }),
        }
    }

    /// Checks that a databag with a limit has a principal.
    pub(crate) fn check_limited<T: Databag>(&self) -> Result<(), ConfigError> {
        let has_principal = T::FIELDS.iter().any(Field::is_principal);
        if has_principal || self.settings.session_limit.is_none() {
            Ok(())
        } else {
            Err(ConfigError::NoPrincipal)
        }
    }
}
