//! Builder of managers and layers.

use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use session_core::{HandleId, Store};

use crate::clock::Clock;
use crate::config_error::ConfigError;
use crate::engine::{AnyStore, Engine};
use crate::error::Error;
use crate::events::{Hooks, Listeners};
use crate::policy::Policy;
use crate::session_event::SessionEvent;
use crate::settings::{Settings, Touch};
use crate::warning::Warning;

/// Builds a [`SessionManager`](crate::SessionManager), a `SessionLayer` or a `SessionMiddleware`.
///
/// All defaults are safe for production: sessions end after an hour without use and after a day at
/// the latest, and the cookie is `__Host-session; HttpOnly; Secure; SameSite=Lax; Path=/`. Settings that cannot work
/// are refused by [`build`](Builder::build).
///
/// ```
/// use session::{Databag, MemoryStore, SessionManager};
/// use std::time::Duration;
///
/// #[derive(Databag)]
/// struct Visit {
///     pages: u32,
/// }
///
/// let manager = SessionManager::<Visit>::builder(MemoryStore::new())
///     .idle_timeout(Duration::from_secs(20 * 60))
///     .on_started(|id, _| println!("session {id} started"))
///     .build()?;
/// # Ok::<_, session::ConfigError>(())
/// ```
pub struct Builder<Target: Build> {
    pub(crate) engine: Engine,
    #[cfg(feature = "http")]
    pub(crate) transport: crate::http::TransportSettings,
    idle_timeout: Option<Duration>,
    lifetime: Option<Duration>,
    target: PhantomData<fn() -> Target>,
}

/// A target of [`Builder`]: a manager, a layer or middleware.
pub trait Build: Sized {
    #[doc(hidden)]
    fn assemble(parts: EngineParts) -> Result<Self, ConfigError>;
}

/// The parts that every target shares.
#[doc(hidden)]
pub struct EngineParts(pub(crate) Engine);

impl<Target: Build> Builder<Target> {
    pub(crate) fn new(store: impl Store) -> Self {
        Self {
            engine: Engine {
                deadline_changes: AtomicU64::new(0),
                #[cfg(feature = "http")]
                duplicates: AtomicU64::new(0),
                supported: OnceLock::new(),
                store: AnyStore::new(store),
                clock: Clock::system(),
                settings: Settings::default(),
                hooks: Hooks::default(),
                on_unreadable: Arc::new(drop),
                listeners: Listeners::default(),
                #[cfg(feature = "http")]
                transport: crate::http::Transport::default(),
                #[cfg(feature = "adopt")]
                adoption: None,
            },
            #[cfg(feature = "http")]
            transport: crate::http::TransportSettings::default(),
            idle_timeout: None,
            lifetime: None,
            target: PhantomData,
        }
    }

    /// How long a session lives without being used. One hour unless set; [`Duration::MAX`] for ever.
    #[doc(alias = "expiry")]
    #[doc(alias = "max_age")]
    #[doc(alias = "ttl")]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// How long a session without a [principal](crate::guide::principal) lives without being used. The same as
    /// [`idle_timeout`](Builder::idle_timeout) unless set; [`Duration::MAX`] for ever.
    ///
    /// Most visitors, and every crawler that keeps no cookies, never sign in; their sessions need not occupy the store
    /// for as long. Signing in gives a session the idle timeout of the others, signing out this one. A databag without
    /// a `principal` has this timeout in all its sessions.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # use std::time::Duration;
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// let manager = SessionManager::<UserSession>::builder(MemoryStore::new())
    ///     .idle_timeout(Duration::from_secs(8 * 60 * 60))
    ///     .anonymous_idle_timeout(Duration::from_secs(10 * 60))
    ///     .build()?;
    /// # Ok::<_, session::ConfigError>(())
    /// ```
    #[doc(alias = "guest_timeout")]
    pub fn anonymous_idle_timeout(mut self, timeout: Duration) -> Self {
        self.engine.settings.anonymous_idle_timeout = Some(timeout);
        self
    }

    /// The idle timeout, under the name that the original library gave it.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.idle_timeout(timeout)
    }

    /// How long a session lives at most. 24 hours unless set; [`Duration::MAX`] for ever.
    #[doc(alias = "expiry")]
    #[doc(alias = "absolute_timeout")]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Keeps all sessions within the limits that NIST SP 800-63B-4 sets for an authentication assurance level. None unless
    /// set.
    ///
    /// It replaces the defaults of [`lifetime`](Builder::lifetime) and, for AAL2 and AAL3, of
    /// [`idle_timeout`](Builder::idle_timeout) by the figures of the [`Policy`]. Settings may be stricter; one that is looser
    /// is refused by [`build`](Builder::build), also where it concerns anonymous sessions only. So is a cookie that plain HTTP
    /// or scripts may read. Deadlines that a request gives its session, [`remember_for`](crate::Session::remember_for) among
    /// them, are shortened to the limits. Sessions that were stored before keep their deadlines until they change.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, Policy, SessionManager};
    /// # use std::time::Duration;
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// let manager = SessionManager::<UserSession>::builder(MemoryStore::new())
    ///     .policy(Policy::Aal2)
    ///     .idle_timeout(Duration::from_secs(20 * 60)) // stricter than an hour
    ///     .build()?;
    /// println!("{}", manager.describe());
    /// # Ok::<_, session::ConfigError>(())
    /// ```
    #[doc(alias = "nist")]
    #[doc(alias = "aal2")]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.engine.settings.policy = Some(policy);
        self
    }

    /// Which requests count as use of a session. [`Touch::OnUse`] unless set.
    ///
    /// The idle deadline is moved once a twentieth of the idle timeout has passed since it was last moved; the cookie of a
    /// remembered session is then sent again.
    pub fn touch(mut self, touch: Touch) -> Self {
        self.engine.settings.touch = touch;
        self
    }

    /// Whether a write that finds its session destroyed or renewed by another request is an error
    /// ([`Error::Gone`], status 409). Unless set, the write is dropped, the response stands and
    /// [`on_gone`](Builder::on_gone) is called.
    pub fn strict(mut self, strict: bool) -> Self {
        self.engine.settings.strict = strict;
        self
    }

    /// How long a call of the store may take before it counts as failed. Unlimited unless set; it needs
    /// the timer of a tokio runtime.
    pub fn io_timeout(mut self, timeout: Duration) -> Self {
        self.engine.settings.io_timeout = Some(timeout);
        self
    }

    /// The most bytes that a session's record may take; a write beyond it is refused whole. 64 KiB unless set.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.engine.settings.max_bytes = bytes;
        self
    }

    /// The source of the present time. The system's clock unless set; a test gives a
    /// [`ManualClock`](crate::ManualClock).
    pub fn clock(mut self, clock: impl Into<Clock>) -> Self {
        self.engine.clock = clock.into();
        self
    }

    /// Whether this process runs in production, in which case the memory store warns. Unless set: whether
    /// it was built without debug assertions.
    pub fn production(mut self, production: bool) -> Self {
        self.engine.settings.production = production;
        self
    }

    /// Sets a callback for errors, called once for each, whether or not it also reaches a handler or replaces a
    /// response. A lost race with another request is no error: a session that is gone is reported to
    /// [`on_gone`](Builder::on_gone), a conflict to its caller.
    pub fn on_error(mut self, hook: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.engine.hooks.error = Some(Arc::new(hook));
        self
    }

    /// Sets a callback for warnings: conditions that were handled but deserve attention.
    ///
    /// For a field that cannot be read ([`Warning::Field`]) the hook is called by the accessor that first reads it.
    pub fn on_warning(mut self, hook: impl Fn(&Warning) + Send + Sync + 'static) -> Self {
        self.engine.hooks.warning = Some(Arc::new(hook));
        self
    }

    /// Sets a callback for writes and touches that find their session destroyed or renewed by another request: the same as
    /// [`SessionEvent::Gone`].
    pub fn on_gone(mut self, hook: impl Fn(HandleId) + Send + Sync + 'static) -> Self {
        self.engine.hooks.gone = Some(Arc::new(hook));
        self
    }

    /// Sets a callback for [events](SessionEvent): sign-ins and sign-outs, sessions that started and ended and how, refused
    /// tokens.
    ///
    /// It is called in the request that caused the event, after the store has executed it, and must not block: count
    /// the event or send it to a channel. Nothing is logged. A panic in it is reported and does not affect the request.
    /// Without a callback the reasons of refused tokens are not determined.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionEvent, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession { #[databag(principal)] user_id: Option<u64> }
    /// let manager = SessionManager::<UserSession>::builder(MemoryStore::new())
    ///     .on_event(|event| match event {
    ///         SessionEvent::SignedIn { id } => println!("session {id}: signed in"),
    ///         SessionEvent::Ended { id, how } => println!("session {id}: ended, {how}"),
    ///         _ => {}
    ///     })
    ///     .build()?;
    /// # Ok::<_, session::ConfigError>(())
    /// ```
    #[doc(alias = "audit")]
    #[doc(alias = "metrics")]
    pub fn on_event(mut self, hook: impl Fn(&SessionEvent) + Send + Sync + 'static) -> Self {
        self.engine.hooks.event = Some(Arc::new(hook));
        self
    }

    /// Checks the settings and builds.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that says which settings contradict each other.
    pub fn build(self) -> Result<Target, ConfigError> {
        self.check_policy()?;
        let mut engine = self.engine;
        let settings = &mut engine.settings;
        let limit = settings.policy.and_then(Policy::max_idle_timeout);
        settings.idle_timeout = self.idle_timeout.or(limit).unwrap_or(settings.idle_timeout);
        let limit = settings.policy.map(Policy::max_lifetime);
        settings.lifetime = self.lifetime.or(limit).unwrap_or(settings.lifetime);
        let Settings { idle_timeout, anonymous_idle_timeout, .. } = engine.settings;
        if idle_timeout.min(anonymous_idle_timeout.unwrap_or(idle_timeout)) < Duration::from_millis(1) {
            return Err(ConfigError::NoIdleTimeout);
        }
        if engine.settings.lifetime < Duration::from_millis(1) {
            return Err(ConfigError::NoLifetime);
        }
        engine.check_limit()?;
        let hooks = engine.hooks.clone();
        engine.on_unreadable = Arc::new(move |field| hooks.warning(&Warning::Field(field)));
        #[cfg(feature = "http")]
        {
            engine.transport = self.transport.build()?;
        }
        #[cfg(feature = "adopt")]
        engine.check_adoption()?;
        if engine.settings.production && engine.store.name() == "memory" {
            engine.hooks.warning(&Warning::MemoryInProduction);
        }
        Target::assemble(EngineParts(engine))
    }

    /// Builds with the settings that a builder begins with.
    #[cfg(any(feature = "actix", feature = "tower"))]
    pub(crate) fn build_defaults(self) -> Target {
        match self.build() {
            Ok(target) => target,
            Err(error) => unreachable!("the defaults are consistent: {error}"),
        }
    }

    /// Checks that no setting is looser than the policy, if one is set.
    fn check_policy(&self) -> Result<(), ConfigError> {
        let settings = &self.engine.settings;
        let Some(policy) = settings.policy else { return Ok(()) };
        let idle_limit = policy.max_idle_timeout().unwrap_or(Duration::MAX);
        let is_beyond = |set: Option<Duration>, limit: Duration| set.is_some_and(|set| set > limit);
        let looser = if is_beyond(self.idle_timeout, idle_limit) {
            Some("idle_timeout")
        } else if is_beyond(settings.anonymous_idle_timeout, idle_limit) {
            Some("anonymous_idle_timeout")
        } else if is_beyond(self.lifetime, policy.max_lifetime()) {
            Some("lifetime")
        } else {
            #[cfg(feature = "http")]
            let exposure = self.transport.exposure();
            #[cfg(not(feature = "http"))]
            let exposure = None;
            exposure
        };
        looser.map_or(Ok(()), |setting| Err(ConfigError::LooserThanPolicy { setting, policy }))
    }
}
