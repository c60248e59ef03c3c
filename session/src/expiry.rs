//! Deadlines of one session.

use std::time::Duration;

use session_core::{Meta, Timestamp};

use crate::data::Owner;
use crate::databag::Databag;
use crate::deadlines::{DeadlineOverrides, Lifetime};
use crate::session::Session;
use crate::settings::Touch;
use crate::shared::Shared;

impl<T: Databag> Session<T> {
    /// When the session was created and how long it lives; `None` while nothing is stored.
    ///
    /// The deadlines and the time of authentication are those that a commit now would store, including changes by this
    /// request. A touch is not included, and handle id and time of creation are the stored ones.
    #[doc(alias = "expires_at")]
    pub fn meta(&self) -> Option<Meta> {
        drop(self.shared.used());
        self.shared.pending_meta()
    }

    /// Overrides the idle timeout of this session, counted from now; [`Duration::MAX`] for none.
    #[doc(alias = "expiry")]
    #[doc(alias = "max_age")]
    #[doc(alias = "ttl")]
    pub fn set_idle_timeout(&self, timeout: Duration) {
        self.shared.used().overrides().idle_timeout = Some(timeout);
    }

    /// Overrides the lifetime of this session, counted from its creation, or from when its principal last
    /// [authenticated](Session::authenticated_at); [`Duration::MAX`] for none.
    #[doc(alias = "expiry")]
    #[doc(alias = "absolute_timeout")]
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.shared.used().overrides().lifetime = Some(Lifetime::Lasts(lifetime));
    }

    /// Ends this session at a point in time, such as the end of an exam or of an access token, regardless of
    /// use.
    ///
    /// It replaces the lifetime. An end that has passed destroys the session with the commit. Signing in or
    /// [authenticating](Session::authenticated) later restarts the duration up to this end, as for a lifetime; set the
    /// end again then.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager, Timestamp};
    /// # use std::time::{Duration, SystemTime};
    /// # #[derive(Databag)]
    /// # struct Exam { answers: Vec<String> }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), session::Error> {
    /// # let session = SessionManager::<Exam>::new(MemoryStore::new()).create().await?;
    /// let noon = Timestamp::from(SystemTime::now() + Duration::from_secs(90 * 60));
    /// session.set_end(noon);
    /// session.save().await?;
    /// assert_eq!(session.meta().map(|meta| meta.lifetime_deadline), Some(noon));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "expires_at")]
    #[doc(alias = "absolute_timeout")]
    pub fn set_end(&self, end: Timestamp) {
        self.shared.used().overrides().lifetime = Some(Lifetime::Ends(end));
    }

    /// Whether the client keeps this session's cookie when the browser is closed, until the session's deadline.
    ///
    /// The cookie is sent now and whenever the deadline moves. When the principal changes or is removed, it is reset
    /// to [`persistent`](crate::Builder::persistent), unless it is called in the same request.
    #[doc(alias = "persistent")]
    pub fn remember(&self, remember: bool) {
        self.shared.used().overrides().remember = Some(remember);
    }

    /// Keeps this session for a duration from now, used or not, and its cookie when the browser is closed: "remember me".
    ///
    /// It sets the idle timeout, the end and [`remember`](Session::remember) at once, within the limits of a
    /// [policy](crate::Builder::policy).
    /// [`reset_deadlines`](Session::reset_deadlines) undoes it.
    ///
    /// ```
    /// # use session::{Databag, Session};
    /// # use std::time::Duration;
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// async fn log_in(session: Session<UserSession>, user: u64, remember_me: bool) {
    ///     session.data.set_user_id(user);
    ///     if remember_me {
    ///         session.remember_for(Duration::from_secs(30 * 24 * 60 * 60));
    ///     }
    /// }
    /// ```
    #[doc(alias = "remember_me")]
    #[doc(alias = "keep me signed in")]
    pub fn remember_for(&self, duration: Duration) {
        let end = self.shared.engine.clock.now().after(duration);
        let mut state = self.shared.used();
        let overrides = state.overrides();
        overrides.idle_timeout = Some(duration);
        overrides.lifetime = Some(Lifetime::Ends(end));
        overrides.remember = Some(true);
    }

    /// Resets idle timeout and lifetime of this session to the settings, and the cookie to
    /// [`persistent`](crate::Builder::persistent).
    ///
    /// The idle timeout is counted from now, the lifetime as by [`set_lifetime`](Session::set_lifetime). Deadlines that this
    /// request set before are dropped, those that it sets later apply.
    #[doc(alias = "forget_me")]
    pub fn reset_deadlines(&self) {
        let mut state = self.shared.used();
        let overrides = state.overrides();
        *overrides = DeadlineOverrides {
            is_reset: true,
            authenticated_at: overrides.authenticated_at,
            ..DeadlineOverrides::default()
        };
    }

    /// Sets for this request when the idle deadline moves.
    pub fn set_touch(&self, touch: Touch) {
        self.shared.state().touch = touch;
    }
}

impl Shared {
    /// The meta of the session with the deadlines and the time of authentication that a commit now would store.
    fn pending_meta(&self) -> Option<Meta> {
        let overrides = self.state().overrides.clone();
        let (mut meta, is_written) = {
            let contents = self.contents_without_record();
            (contents.meta()?, contents.is_written())
        };
        if overrides.is_none() && !is_written {
            return Some(meta);
        }
        let mut contents = self.contents();
        let (owner, departs) = (contents.owner(), contents.has_departed());
        drop(contents);
        let (settings, now) = (&self.engine.settings, self.engine.clock.now());
        let authenticated_at = match owner {
            Owner::Nobody => None,
            Owner::Same => overrides.as_ref().and_then(|overrides| overrides.authenticated_at),
            Owner::New => Some(now),
        };
        let deadlines = match authenticated_at {
            _ if departs => Some(settings.new_deadlines(overrides.as_deref(), owner == Owner::New, now)),
            Some(at) => Some(settings.deadlines_after(overrides.as_deref(), &meta, at, now)),
            None => self.changed_deadlines(overrides.as_deref(), &meta, now),
        };
        let stored_at = meta.authenticated_at.filter(|_| !departs);
        meta.authenticated_at = authenticated_at.or(stored_at);
        if let Some(deadlines) = deadlines {
            meta.idle_timeout = deadlines.idle_timeout;
            meta.idle_deadline = deadlines.idle_deadline;
            meta.lifetime_deadline = deadlines.lifetime_deadline;
            meta.remember = deadlines.remember;
        }
        Some(meta)
    }
}
