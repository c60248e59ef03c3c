//! One session of one request: its data, its state, and the lock that serialises its commits.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, mem};

use session_core::{Bind, Meta, Record, Token};

use crate::data::{Contents, Guard, Lock};
use crate::engine::{Engine, Seen};
use crate::error::Error;
use crate::events::Event;
#[cfg(feature = "http")]
use crate::http::Presented;
use crate::plan::{Origin, Requested};
use crate::state::{Backing, Freshness, HandleState, PendingCookie, Response, Unsaved};

/// One session of one request, behind its handles and accessors.
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    contents: Lock<Contents>,
    /// Locked briefly, and never while locking the contents: closures under that lock may use the handle.
    state: Mutex<HandleState>,
    pub(crate) commit_lock: CommitLock,
    /// The tokens of the request that the session was loaded from.
    #[cfg(feature = "http")]
    pub(crate) presented: Option<Presented>,
}

/// Serialises the commits of one session: an async mutex held across `.await`.
pub(crate) struct CommitLock(tokio::sync::Mutex<()>);

impl Shared {
    /// The session of a client that presented `token`, under which the store found `record`.
    pub(crate) fn new(
        engine: Arc<Engine>,
        token: Option<Token>,
        record: Option<Record>,
        seen: Seen,
        response: Response,
    ) -> Self {
        let (client_has_token, is_new) = (token.is_some(), record.is_none());
        let backing = match token {
            Some(token) if record.is_some() => Backing::Stored { token, is_confirmed: false },
            _ => Backing::None,
        };
        let contents = Contents::new(record, engine.clock.clone(), Some(Arc::clone(&engine.on_unreadable)));
        let state = HandleState {
            requested: Requested::Nothing,
            ending: None,
            overrides: None,
            freshness: Freshness::ByTime,
            touch: engine.settings.touch,
            pending: PendingCookie::None,
            response,
            is_new,
            accessed: false,
            client_has_token,
            unsaved: Unsaved::Forgotten,
            backing,
            seen,
        };
        Self {
            engine,
            contents: Lock::new(contents),
            state: Mutex::new(state),
            commit_lock: CommitLock(tokio::sync::Mutex::const_new(())),
            #[cfg(feature = "http")]
            presented: None,
        }
    }

    /// A copy of a record, for reading: changes to it are discarded.
    pub(crate) fn copy(engine: &Arc<Engine>, record: Option<Record>) -> Self {
        Self::new(Arc::clone(engine), None, record, engine.present(), Response::Copy)
    }

    /// The session's data, on the current record.
    ///
    /// # Panics
    ///
    /// When the calling thread is in a closure that uses the same data.
    pub(crate) fn contents(&self) -> Guard<'_> {
        Guard::new(self.contents.lock())
    }

    /// The session's data without bringing the record up to date, for its meta and for whether it was used or written:
    /// most requests never read the record after a write.
    pub(crate) fn contents_without_record(&self) -> Guard<'_> {
        Guard::without_record(self.contents.lock())
    }

    /// The session's meta for output that must not fail: `None` inside a closure that uses the data, too.
    pub(crate) fn shown_meta(&self) -> Option<Meta> {
        self.contents.lock_unless_held()?.meta()
    }

    /// The record as it was last read or written.
    pub(crate) fn record(&self) -> Option<Record> {
        self.contents().record().cloned()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, HandleState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for a call that counts as use of the session.
    pub(crate) fn used(&self) -> MutexGuard<'_, HandleState> {
        let mut state = self.state();
        state.accessed = true;
        state
    }

    /// Whether the application used the session in any way.
    #[cfg(feature = "http")]
    pub(crate) fn is_accessed(&self) -> bool {
        self.contents_without_record().is_accessed() || self.state().accessed
    }

    /// Warns that the session was not saved, if no token can be sent to its client.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no obstacles")
    )]
    pub(crate) fn warn_of_obstacle(&self) {
        #[cfg(feature = "http")]
        if let Some(obstacle) = self.presented.as_ref().and_then(Presented::obstacle) {
            self.engine.hooks.warning(&obstacle.warning());
        }
    }

    /// Whether the request's connection or path prevents sending a token to the client.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no obstacles")
    )]
    pub(crate) fn is_obstructed(&self) -> bool {
        #[cfg(feature = "http")]
        return self.presented.as_ref().and_then(Presented::obstacle).is_some();
        #[cfg(not(feature = "http"))]
        false
    }

    /// The value of a field that is bound to the client, for the client of this request; `None` where it is not known.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no clients")
    )]
    pub(crate) fn client_value(&self, bind: Bind) -> Option<String> {
        #[cfg(feature = "http")]
        return self.presented.as_ref()?.client()?.value(bind);
        #[cfg(not(feature = "http"))]
        {
            let _ = bind;
            None
        }
    }

    pub(crate) fn notify(&self, event: Event) {
        if self.engine.listeners.hear(event)
            && let Some(record) = self.record()
        {
            self.notify_of(event, record);
        }
    }

    /// Notifies listeners of an event of a copy, so that they do not use the session itself.
    pub(crate) fn notify_of(&self, event: Event, record: Record) {
        self.engine.listeners.notify(event, record, &self.engine);
    }
}

impl Drop for Shared {
    /// Reports changes, a renewal, an authentication or a destruction that was not saved, when the last handle or
    /// accessors are dropped.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let is_left_to_caller = matches!(state.response, Response::ByHand | Response::Sent);
        if !is_left_to_caller || state.unsaved == Unsaved::Known || state.backing.origin() == Origin::Gone {
            return;
        }
        let is_stored = state.backing.origin() == Origin::Stored;
        let is_unsaved = match state.requested {
            Requested::Renew => true,
            Requested::Destroy if is_stored => true,
            Requested::Nothing if is_stored && state.authenticated_at().is_some() => true,
            Requested::Nothing | Requested::Destroy => {
                let contents = self.contents.get_mut();
                // The comparison encodes fields with code of the application, which must not panic during a panic.
                catch_unwind(AssertUnwindSafe(|| contents.has_changes())).unwrap_or_else(|payload| {
                    mem::forget(payload);
                    true
                })
            }
        };
        if is_unsaved {
            self.engine.hooks.error(&Error::Unsaved);
        }
    }
}

impl CommitLock {
    #[cfg(feature = "http")]
    pub(crate) fn new() -> Self {
        Self(tokio::sync::Mutex::const_new(()))
    }

    /// Waits for the lock. It is usually free, so the large future of waiting is only created if needed.
    pub(crate) async fn lock(&self) -> tokio::sync::MutexGuard<'_, ()> {
        match self.try_lock() {
            Some(guard) => guard,
            None => Box::pin(self.0.lock()).await,
        }
    }

    pub(crate) fn try_lock(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.0.try_lock().ok()
    }
}

/// One databag of a session, for its accessors.
pub struct Data<T> {
    pub(crate) shared: Arc<Shared>,
    /// The index of the databag's view among those of the session.
    pub(crate) view: usize,
    databag: PhantomData<fn() -> T>,
}

impl<T> Data<T> {
    pub(crate) fn new(shared: Arc<Shared>, view: usize) -> Self {
        Self { shared, view, databag: PhantomData }
    }
}

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared), self.view)
    }
}

impl<T> fmt::Debug for Data<T> {
    /// Prints no values of fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").finish_non_exhaustive()
    }
}
