//! State of a session that its handles share: its data, how it stands with the store and the client, and the lock that
//! serialises its commits.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, mem};

use session_core::{Meta, Record, Token};

use crate::data::{Contents, Guard, Lock};
use crate::deadlines::DeadlineOverrides;
use crate::engine::{Engine, Seen};
use crate::error::Error;
use crate::events::Event;
#[cfg(feature = "http")]
use crate::http::Presented;
use crate::plan::{Origin, Requested};
use crate::settings::Touch;

/// One session of one request, behind its handles and accessors.
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    contents: Lock<Contents>,
    /// Locked for moments, and never while the contents are asked for: closures under their lock may use the handle.
    state: Mutex<HandleState>,
    pub(crate) commit_lock: CommitLock,
    /// What the request that the session was loaded from presented.
    #[cfg(feature = "http")]
    pub(crate) presented: Option<Presented>,
}

/// Serialises the commits of one session: an async mutex held across `.await`.
pub(crate) struct CommitLock(tokio::sync::Mutex<()>);

/// How a session stands with its store and its client.
#[derive(Debug)]
pub(crate) struct HandleState {
    pub(crate) backing: Backing,
    /// When the session was loaded.
    pub(crate) seen: Seen,
    pub(crate) requested: Requested,
    /// The record of the session to be destroyed, for listeners and for finding it under another token.
    pub(crate) ending: Option<Record>,
    pub(crate) overrides: DeadlineOverrides,
    pub(crate) touch: Touch,
    pub(crate) pending: PendingCookie,
    pub(crate) response: Response,
    pub(crate) is_new: bool,
    pub(crate) accessed: bool,
    /// Whether the client holds a token, known to the store or not.
    pub(crate) client_has_token: bool,
    pub(crate) unsaved: Unsaved,
}

/// Changes that stay unsaved when the last handle is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsaved {
    /// Somebody forgot to save them, which is reported.
    Forgotten,
    /// The application was answered that they were not saved, or they were not to be.
    Known,
}

impl Unsaved {
    pub(crate) fn known_if(is_known: bool) -> Self {
        if is_known { Self::Known } else { Self::Forgotten }
    }
}

/// How a session stands with its store.
#[derive(Debug)]
pub(crate) enum Backing {
    /// Nothing is stored: the client presented no token, an unknown one, or its session was destroyed by this handle.
    None,
    /// The store held it when it was last asked.
    Stored {
        token: Token,
        /// Whether the last commit found or put the session under this token.
        is_confirmed: bool,
    },
    /// It was destroyed or renewed elsewhere; this handle can no longer write it, only destroy it.
    Gone {
        token: Token,
        /// Whether a write found out, so that changes are lost.
        by_write: bool,
    },
}

/// The way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// Left to the caller, which saves and passes cookies on.
    ByHand,
    /// Its headers can still be written.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "without HTTP there are no responses"))]
    Pending,
    /// Its headers have left, and with them the last chance to give the client a token.
    Sent,
    /// None: a copy for listeners and lists, which is never saved.
    Copy,
}

/// A `Set-Cookie` to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PendingCookie {
    None,
    /// The age of the token that the client has.
    Age,
    /// A token that the client does not have yet.
    Token,
    Deletion,
}

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
            overrides: DeadlineOverrides::default(),
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

    /// A copy of a record, for reading: changes of it go nowhere.
    pub(crate) fn copy(engine: &Arc<Engine>, record: Option<Record>) -> Self {
        Self::new(Arc::clone(engine), None, record, engine.present(), Response::Copy)
    }

    /// The session's data, on the record as it is by now.
    ///
    /// # Panics
    ///
    /// When the calling thread is in a closure that uses the same data.
    pub(crate) fn contents(&self) -> Guard<'_> {
        Guard::new(self.contents.lock())
    }

    /// The session's meta for output that must not fail: `None` also inside a closure that uses the data.
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
        self.contents().is_accessed() || self.state().accessed
    }

    /// Warns that the session was not saved, where its client cannot be given a token.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no obstacles")
    )]
    pub(crate) fn warn_of_obstacle(&self) {
        #[cfg(feature = "http")]
        if let Some(obstacle) = self.presented.as_ref().and_then(|presented| presented.obstacle) {
            self.engine.hooks.warning(&obstacle.warning());
        }
    }

    /// Whether the request's connection or path keeps the client from being given a token.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no obstacles")
    )]
    pub(crate) fn is_obstructed(&self) -> bool {
        #[cfg(feature = "http")]
        return self.presented.as_ref().is_some_and(|presented| presented.obstacle.is_some());
        #[cfg(not(feature = "http"))]
        false
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
    /// Reports changes, a renewal or a destruction that nobody saved, when the last handle or accessors are dropped.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let is_left_to_caller = matches!(state.response, Response::ByHand | Response::Sent);
        if !is_left_to_caller || state.unsaved == Unsaved::Known || state.backing.origin() == Origin::Gone {
            return;
        }
        let is_unsaved = match state.requested {
            Requested::Renew => true,
            Requested::Destroy if state.backing.origin() == Origin::Stored => true,
            Requested::Nothing | Requested::Destroy => {
                let contents = self.contents.get_mut();
                // Fields are encoded to compare them, by code of the application, whose panic must not meet another.
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

    /// Waits for the lock. Mostly it is free, so that the wait itself, which is large, is only made when there is one.
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

impl Backing {
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::None => Origin::New,
            Self::Stored { .. } => Origin::Stored,
            Self::Gone { .. } => Origin::Gone,
        }
    }

    /// The token of the stored session; of one that is gone, the token it had.
    pub(crate) fn token(&self) -> Option<&Token> {
        match self {
            Self::None => None,
            Self::Stored { token, .. } | Self::Gone { token, .. } => Some(token),
        }
    }
}

impl HandleState {
    /// Whether a write found the session gone.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.backing, Backing::Gone { by_write: true, .. })
    }

    /// Whether the last commit found or put the session under its token.
    #[cfg(feature = "http")]
    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self.backing, Backing::Stored { is_confirmed: true, .. })
    }

    /// Forgets what the last commit confirmed.
    pub(crate) fn start_commit(&mut self) {
        if let Backing::Stored { is_confirmed, .. } = &mut self.backing {
            *is_confirmed = false;
        }
        if self.is_age_pending() {
            self.pending = PendingCookie::None;
        }
    }

    pub(crate) fn is_age_pending(&self) -> bool {
        self.pending == PendingCookie::Age
    }

    /// Takes the pending cookie; with `roll` at least the age of a token that the last commit confirmed.
    #[cfg(feature = "http")]
    pub(crate) fn take_pending(&mut self, roll: bool) -> PendingCookie {
        if self.pending == PendingCookie::None && roll && self.is_confirmed() {
            self.pending = PendingCookie::Age;
        }
        if self.pending != PendingCookie::None {
            self.client_has_token = self.pending != PendingCookie::Deletion;
        }
        mem::replace(&mut self.pending, PendingCookie::None)
    }

    /// Notes that the store holds the session under this token, which the client does not have yet.
    pub(crate) fn moved_to(&mut self, token: Token) {
        self.backing = Backing::Stored { token, is_confirmed: true };
        self.pending = PendingCookie::Token;
    }

    /// Notes that the store holds the session under the token that this handle has; `tells_age` has the age sent.
    pub(crate) fn confirmed(&mut self, tells_age: bool) {
        if let Backing::Stored { is_confirmed, .. } = &mut self.backing {
            *is_confirmed = true;
        }
        if tells_age && self.pending != PendingCookie::Token {
            self.pending = PendingCookie::Age;
        }
    }

    /// Requests the end of the session of this record. What comes after it is new.
    pub(crate) fn destroy(&mut self, record: Option<Record>) {
        self.requested = Requested::Destroy;
        self.overrides = DeadlineOverrides::default();
        self.is_new = true;
        self.ending = self.ending.take().or(record);
    }

    /// Notes that the store holds the session no more, because this handle ended it.
    pub(crate) fn ended(&mut self) {
        self.backing = Backing::None;
        self.pending = if self.client_has_token { PendingCookie::Deletion } else { PendingCookie::None };
    }

    /// Notes that the store holds the session no more, because of another request; `by_write` if a write found out.
    pub(crate) fn gone(&mut self, by_write: bool) {
        self.pending = PendingCookie::None;
        let was_lost = self.is_lost();
        if let Some(token) = self.backing.token().cloned() {
            self.backing = Backing::Gone { token, by_write: by_write || was_lost };
        }
    }
}

/// One databag of a session, for its accessors.
pub struct Data<T> {
    pub(crate) shared: Arc<Shared>,
    /// The place of the databag's view among those of the session.
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
    /// Shows nothing of what the data holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").finish_non_exhaustive()
    }
}
