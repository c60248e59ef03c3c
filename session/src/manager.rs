//! Sessions without HTTP.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use session_core::{Cursor, Meta, Page, Record, Store, StoreError, Token};
use tokio::time::{MissedTickBehavior, interval};

use crate::builder::Builder;
use crate::databag::Databag;
use crate::description::Description;
use crate::engine::{Engine, Seen};
use crate::error::Error;
use crate::events::Event;
use crate::session::Session;
use crate::session_event::SessionEvent;
use crate::shared::Shared;
use crate::state::Response;

/// Creates, finds and ends the sessions of one databag in one store.
///
/// Web applications use a `SessionLayer` or `SessionMiddleware`, which does all this for every request;
/// [`layer`](SessionManager::layer) and [`middleware`](SessionManager::middleware) return one that shares this manager's store,
/// settings and listeners.
///
/// ```
/// use session::{Databag, MemoryStore, SessionManager};
///
/// #[derive(Databag)]
/// struct UserSession {
///     #[databag(default = "example")]
///     username: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), session::Error> {
/// let manager = SessionManager::<UserSession>::new(MemoryStore::new());
///
/// let session = manager.create().await?;
/// session.data.set_username("ada");
/// manager.save(&session).await?;
/// let token = session.token().expect("a session just created has a token");
///
/// let found = manager.get(&token).await?;
/// assert_eq!(found.data.username(), "ada");
///
/// manager.destroy(&found).await?;
/// assert!(manager.find(&token).await?.is_none());
/// # Ok(())
/// # }
/// ```
pub struct SessionManager<T: Databag> {
    pub(crate) engine: Arc<Engine>,
    pub(crate) databag: PhantomData<fn() -> T>,
}

impl<T: Databag> SessionManager<T> {
    /// Creates a manager with the defaults of [`Builder`].
    ///
    /// # Panics
    ///
    /// When the store [does not support](crate::ConfigError::Unserved) a guarantee of a field of the databag;
    /// [`builder`](SessionManager::builder) gives an error instead.
    pub fn new(store: impl Store) -> Self {
        match Self::builder(store).build() {
            Ok(manager) => manager,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a builder for a manager with other settings.
    pub fn builder(store: impl Store) -> Builder<Self> {
        Builder::new(store)
    }

    /// Creates a session, stored at once, with every field at its default.
    ///
    /// # Errors
    ///
    /// [`Error::Save`] when the store fails, [`Error::Field`] when a default cannot be encoded.
    pub async fn create(&self) -> Result<Session<T>, Error> {
        Self::store(self.session(None, None, self.engine.present()).open_first()).await
    }

    /// Creates a session, stored at once, with the fields of `bag`; the one way to give a `readonly` field a value
    /// other than its default.
    ///
    /// # Errors
    ///
    /// Those of [`create`](SessionManager::create).
    pub async fn create_with(&self, bag: T) -> Result<Session<T>, Error> {
        Self::store(self.session(None, None, self.engine.present()).open_with(bag)).await
    }

    /// Creates a session that is not stored yet.
    async fn store(session: Session<T>) -> Result<Session<T>, Error> {
        session.renew();
        session.save().await?;
        Ok(session)
    }

    /// Finds the session of a token; `None` when there is no live one.
    ///
    /// # Errors
    ///
    /// [`Error::Load`] when the store fails.
    pub async fn find(&self, token: impl Into<Token>) -> Result<Option<Session<T>>, Error> {
        let token = token.into();
        let seen = self.engine.present();
        let Some(record) = self.engine.load_for_client(&token, seen.at).await? else { return Ok(None) };
        let session = self.session(Some(token), Some(record), seen).open_first();
        if session.shared.contents_without_record().meta().is_none() {
            // It lacks a required field.
            return Ok(None);
        }
        session.shared.notify(Event::Loaded);
        Ok(Some(session))
    }

    /// Finds the session of a token that must exist.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no live one, [`Error::Load`] when the store fails.
    #[doc(alias = "load")]
    pub async fn get(&self, token: impl Into<Token>) -> Result<Session<T>, Error> {
        self.find(token).await?.ok_or(Error::NotFound)
    }

    /// Saves a session; the same as [`Session::save`].
    ///
    /// # Errors
    ///
    /// Those of [`Session::save`].
    pub async fn save(&self, session: &Session<T>) -> Result<(), Error> {
        session.save().await
    }

    /// Ends a session immediately. A missing session is not an error.
    ///
    /// # Errors
    ///
    /// [`Error::Destroy`] when the store fails.
    pub async fn destroy(&self, session: &Session<T>) -> Result<(), Error> {
        session.destroy();
        session.save().await
    }

    /// Ends all sessions of the store and returns how many there were.
    ///
    /// [`SessionEvent::Cleared`] is one event for all of them, and [`on_deleted`](Builder::on_deleted) is not called.
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store fails, or keeps nothing on the server.
    pub async fn clear(&self) -> Result<u64, Error> {
        let sessions = self.manage(self.engine.io(self.engine.store.clear()).await)?;
        self.engine.hooks.event(|| SessionEvent::Cleared { sessions });
        Ok(sessions)
    }

    /// Counts the live sessions.
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store fails, or keeps nothing on the server.
    pub async fn count(&self) -> Result<u64, Error> {
        self.manage(self.engine.io(self.engine.store.count(self.engine.clock.now())).await)
    }

    /// Removes expired sessions and returns how many there were.
    ///
    /// Not needed for correctness; it frees memory sooner. [`sweep_every`](SessionManager::sweep_every) repeats it.
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store fails, or keeps nothing on the server.
    #[doc(alias = "cleanup")]
    #[doc(alias = "garbage_collection")]
    #[doc(alias = "delete_expired")]
    pub async fn sweep(&self) -> Result<u64, Error> {
        self.manage(self.engine.io(self.engine.store.sweep(self.engine.clock.now())).await)
    }

    /// Removes expired sessions now and after each `period`, until the future is dropped.
    ///
    /// For [`SqlStore`](crate::SqlStore), where expired sessions otherwise take up space for ever; the other stores need
    /// no sweep. One process may sweep or several. A failure is reported to [`on_error`](Builder::on_error), and the
    /// next attempt follows after the same period.
    ///
    /// ```
    /// # use session::{Databag, SessionManager};
    /// # use std::time::Duration;
    /// # #[derive(Databag)]
    /// # struct UserSession {}
    /// # fn start(manager: &SessionManager<UserSession>) {
    /// tokio::spawn(manager.sweep_every(Duration::from_secs(60)));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If `period` is zero, and outside of a tokio runtime with a timer.
    pub fn sweep_every(&self, period: Duration) -> impl Future<Output = Infallible> + Send + use<T> {
        let manager = self.clone();
        async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                // A failure was reported.
                let _ = manager.sweep().await;
            }
        }
    }

    /// Calls `visit` with every live session's meta and data, in no particular order, until it returns an error.
    ///
    /// Every session that is live during the whole call is visited. The accessors read a copy: changes to
    /// it are discarded.
    ///
    /// # Errors
    ///
    /// The first error of `visit`, or [`Error::Manage`] when the store fails or keeps nothing on the server.
    pub async fn for_each<E: From<Error>>(
        &self,
        mut visit: impl FnMut(Meta, &T::Accessors) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after: Option<Cursor> = None;
        loop {
            let now = self.engine.clock.now();
            let page = self.engine.io(self.engine.store.list(after.as_ref(), PAGE, now)).await;
            let Page { records, next } = self.manage(page)?;
            for record in records {
                visit(record.meta(), &T::accessors(self.engine.copy(Some(record))))?;
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Checks that the store responds, for a readiness probe: one round trip that changes nothing.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession {}
    /// # async fn ready(manager: &SessionManager<UserSession>) -> u16 {
    /// if manager.ping().await.is_ok() { 200 } else { 503 }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Manage`] when the store cannot be reached, or does not respond within the
    /// [I/O timeout](Builder::io_timeout).
    pub async fn ping(&self) -> Result<(), Error> {
        self.manage(self.engine.io(self.engine.store.ping()).await)
    }

    /// The effective settings as a table of plain text, for the documentation of an application's sessions as required
    /// by OWASP ASVS 5.0, V7.1: timeouts, concurrent sessions, cookie and renewal of tokens.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// # #[derive(Databag)]
    /// # struct UserSession {}
    /// let manager = SessionManager::<UserSession>::new(MemoryStore::new());
    /// let table = manager.describe().to_string();
    /// assert!(table.lines().any(|line| line.starts_with("inactivity timeout ") && line.ends_with(" 1 hour")));
    /// ```
    #[doc(alias = "asvs")]
    pub fn describe(&self) -> Description {
        self.engine.describe()
    }

    /// The store's name, such as `"memory"`.
    pub fn store_name(&self) -> &'static str {
        self.engine.store.name()
    }

    /// A session that is not stored yet.
    #[cfg(feature = "testing")]
    pub(crate) fn unsaved(&self) -> Session<T> {
        self.session(None, None, self.engine.present()).open_first()
    }

    fn session(&self, token: Option<Token>, record: Option<Record>, seen: Seen) -> Shared {
        Shared::new(Arc::clone(&self.engine), token, record, seen, Response::ByHand)
    }

    pub(crate) fn manage<R>(&self, answer: Result<R, StoreError>) -> Result<R, Error> {
        answer.map_err(Error::Manage).inspect_err(|error| self.engine.hooks.error(error))
    }
}

/// The page size of listings.
const PAGE: usize = 256;

impl<T: Databag> Clone for SessionManager<T> {
    fn clone(&self) -> Self {
        Self { engine: Arc::clone(&self.engine), databag: PhantomData }
    }
}

impl<T: Databag> fmt::Debug for SessionManager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionManager").field("store", &self.store_name()).finish_non_exhaustive()
    }
}
