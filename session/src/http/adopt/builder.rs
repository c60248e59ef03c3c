//! The builder's method, and the mapping of old sessions to records.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use session_adopt::{OldSession, OldSessions, UnreadableValue};
use session_core::{BoxError, Meta, Record, StoreError, Timestamp};

use super::adoption::Adoption;
use crate::builder::{Build, Builder};
use crate::config_error::ConfigError;
use crate::databag::Databag;
use crate::engine::Engine;
use crate::error::Error;
use crate::events::catch_panic;
use crate::http::presented::Presented;
use crate::session::Session;
use crate::shared::Shared;

impl<Target: Build> Builder<Target> {
    /// Continues the sessions of another library, so that its visitors stay signed in when an application switches to this one.
    ///
    /// A request without a live session of this library that presents one of the other gets a new session, with the fields that
    /// `map` sets from the old values. The response sends its cookie and removes the old one, and the old session ends. An old
    /// session from which `map` sets nothing is left as it is. The [guide](crate::guide::adoption) says what happens when
    /// something fails or several requests present the old cookie at once.
    ///
    /// The new session's deadlines are those of the settings, counted from its adoption, whatever was left to the old one.
    /// `map` may set others: `session.set_end(…)` with [`OldSession::expires_at`] keeps an absolute end. Adoption is no sign-in:
    /// [`is_fresh`](Session::is_fresh) is `false` until the principal authenticates, and
    /// [`max_sessions_per_principal`](Builder::max_sessions_per_principal) takes effect with the principal's next sign-in.
    ///
    #[cfg_attr(feature = "adopt-redis", doc = "```")]
    #[cfg_attr(not(feature = "adopt-redis"), doc = "```ignore")]
    /// # use session::{Databag, MemoryStore, SessionLayer};
    /// use session::adopt::tower_sessions;
    ///
    /// #[derive(Databag)]
    /// struct UserSession {
    ///     #[databag(principal)]
    ///     user_id: Option<u64>,
    /// }
    ///
    /// # let store = MemoryStore::new();
    /// let old = tower_sessions::redis(redis::Client::open("redis://127.0.0.1/")?);
    /// let layer = SessionLayer::builder(store)
    ///     .adopt::<UserSession>(old, |old, session| {
    ///         if let Some(id) = old.get::<u64>("user_id")? {
    ///             session.data.set_user_id(id);
    ///         }
    ///         Ok(())
    ///     })
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "migrate")]
    #[doc(alias = "import")]
    pub fn adopt<T: Databag>(
        mut self,
        old: impl OldSessions,
        map: impl Fn(&OldSession, &Session<T>) -> Result<(), UnreadableValue> + Send + Sync + 'static,
    ) -> Self {
        let map = move |old: &OldSession, engine: &Arc<Engine>, presented: &Presented, now: Timestamp| {
            let mut shared = Shared::copy(engine, None);
            shared.presented = Some(presented.clone());
            let session: Session<T> = Shared::open(&Arc::new(shared))?;
            catch_panic("adopt", || map(old, &session)).ok_or(MapPanicked)??;
            record(&session.shared, now)
        };
        let failures = AtomicU64::new(0);
        self.engine.adoption = Some(Adoption { old: Box::new(old), map: Box::new(map), failures });
        self
    }
}

impl Engine {
    pub(crate) fn check_adoption(&self) -> Result<(), ConfigError> {
        if self.adoption.is_some() && !self.transport.uses_cookies() {
            return Err(ConfigError::AdoptWithoutCookie);
        }
        Ok(())
    }
}

/// The closure given to `adopt` panicked, which was reported.
#[derive(Debug, thiserror::Error)]
#[error("the closure given to `adopt` panicked, see the panic's own message")]
struct MapPanicked;

/// Returns the record of a session that is not stored; `None` if no field was set.
fn record(session: &Shared, now: Timestamp) -> Result<Option<Record>, BoxError> {
    let mut contents = session.contents();
    if contents.binds() {
        contents.bind(false, &|bind| session.client_value(bind));
    }
    let unwritable = |(name, source)| Error::Field { name, source };
    let mut patch = contents.patch(false).map_err(unwritable)?;
    if !patch.changes_fields() {
        return Ok(None);
    }
    // Read-only fields have no later chance.
    if contents.has_readonly() {
        patch = contents.patch(true).map_err(unwritable)?;
    }
    let has_principal = contents.signs_in(&patch);
    drop(contents);
    let overrides = session.state().overrides.clone();
    let meta = session.engine.new_meta(overrides.as_deref(), has_principal, now)?;
    let record = Record::created(Meta { authenticated_at: None, ..meta }, &patch)?;
    let (actual, limit) = (record.as_bytes().len(), session.engine.settings.max_bytes);
    if actual > limit {
        return Err(StoreError::TooLarge { actual, limit }.into());
    }
    Ok(record.is_live(now).then_some(record))
}
