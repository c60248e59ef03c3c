//! The place of one request's session: filled on first use, committed once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use http::{Extensions, HeaderMap, StatusCode, Uri};
use session_core::{Databag, StoreError};

use super::any_session::AnySession;
use super::outgoing::Outgoing;
use super::rejection::SessionRejection;
use super::transport::Incoming;
use crate::engine::{Engine, Touch};
use crate::hooks::Moment;
use crate::link::Link;
use crate::step::When;
use crate::turn::Turn;
use crate::{Error, Session};

/// Where the layer and the extractors of one request meet.
pub(crate) struct Slot {
    engine: Arc<Engine>,
    /// What the request says, read when its session is first asked for.
    incoming: OnceLock<Incoming>,
    /// The session, or why it could not be loaded.
    opened: OnceLock<Result<Box<dyn AnySession>, Arc<Error>>>,
    /// Held while the session is loaded, which is done once.
    turn: Turn,
    /// Whether the response has left.
    closed: AtomicBool,
}

impl Slot {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            incoming: OnceLock::new(),
            opened: OnceLock::new(),
            turn: Turn::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// Notes what the request says of its session.
    pub(crate) fn read(&self, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) {
        self.incoming.get_or_init(|| self.engine.transport.read(headers, uri, extensions));
    }

    /// Whether the settings want the session loaded also when no handler asks for it.
    pub(crate) fn is_eager(&self) -> bool {
        self.engine.transport.rolling || self.engine.settings.touch == Touch::EveryRequest
    }

    /// The session of the request that was read, loaded on the first call.
    pub(crate) async fn session<T: Databag>(&self) -> Result<Session<T>, SessionRejection> {
        if self.opened.get().is_none() {
            self.open::<T>().await?;
        }
        match self.opened.get() {
            Some(Ok(session)) => {
                session.as_any().downcast_ref::<Session<T>>().cloned().ok_or_else(wrong::<T>)
            }
            Some(Err(error)) => Err(SessionRejection::Unavailable(Arc::clone(error))),
            None => Err(SessionRejection::MissingLayer),
        }
    }

    async fn open<T: Databag>(&self) -> Result<(), SessionRejection> {
        let engine = &self.engine;
        engine.check::<T>().map_err(SessionRejection::Unserved)?;
        // A layer that a manager made has the listeners of that manager's databag, and serves no other.
        let listeners = match &engine.listeners {
            None => None,
            Some(any) => Some(Arc::clone(any).downcast().map_err(|_| wrong::<T>())?),
        };
        let _turn = self.turn.take().await;
        let (None, Some(incoming)) = (self.opened.get(), self.incoming.get()) else { return Ok(()) };
        let record = match &incoming.token {
            None => Ok(None),
            Some(token) => engine.load(token).await,
        };
        let opened = record.map_err(Arc::new).map(|record| -> Box<dyn AnySession> {
            let found = record.is_some();
            let mut link = Link::new(incoming.token.clone(), found, engine.settings.touch);
            link.deliverable = incoming.deliverable;
            let session = Session::<T>::new(Arc::clone(engine), listeners, engine.data(record), link);
            if found {
                session.tell(Moment::Loaded);
            }
            Box::new(session)
        });
        self.opened.get_or_init(|| opened);
        if self.closed.load(Ordering::SeqCst) {
            self.close();
        }
        Ok(())
    }

    /// Loads the session that no handler asked for. A failure was reported and changes nothing for the response.
    pub(crate) async fn open_unused(&self) {
        (self.engine.open_unused)(self).await;
    }

    /// Whether the session was asked for, be it that it could not be loaded.
    pub(crate) fn is_opened(&self) -> bool {
        self.opened.get().is_some()
    }

    /// What the response needs where there is nothing to write; `None` where there may be, and
    /// [`finish`](Slot::finish) is to be awaited.
    pub(crate) fn settle(&self, status: Option<StatusCode>) -> Option<Finish> {
        let accessed = match self.opened.get()? {
            Ok(_) if self.engine.transport.check(self.incoming.get()?).is_err() => return None,
            Ok(session) => session.settle(self.when(status))?,
            Err(_) => true,
        };
        Some(Finish { accessed, ..Finish::default() })
    }

    /// Commits the session, once the response is ready to leave with this status; `None` for a panic. `asked` tells
    /// whether a handler had asked for it.
    pub(crate) async fn finish(&self, status: Option<StatusCode>, asked: bool) -> Finish {
        let (Some(Ok(session)), Some(incoming)) = (self.opened.get(), self.incoming.get()) else {
            return Finish { accessed: asked, ..Finish::default() };
        };
        match self.engine.transport.check(incoming) {
            Ok(()) => {
                let error = session.commit(self.when(status)).await.err();
                self.outcome(&**session, incoming, status, error.as_ref())
            }
            Err(error) => {
                self.engine.hooks.error(&error);
                let mut finish = self.outcome(&**session, incoming, status, Some(&error));
                finish.outgoing = finish.outgoing.filter(|outgoing| matches!(outgoing, Outgoing::Deletion));
                finish
            }
        }
    }

    fn when(&self, status: Option<StatusCode>) -> When {
        let failed = status.is_none_or(|status| status.is_server_error());
        When::Response { failed, used: self.engine.transport.rolling }
    }

    /// What the response needs after the commit.
    fn outcome(
        &self,
        session: &dyn AnySession,
        incoming: &Incoming,
        status: Option<StatusCode>,
        error: Option<&Error>,
    ) -> Finish {
        let roll =
            self.engine.transport.rolling && error.is_none() && status != Some(StatusCode::NOT_MODIFIED);
        // A token that is due although the commit failed comes from an earlier save, and opens the session.
        let outgoing = session.deliver(roll).filter(|_| incoming.deliverable);
        Finish { error: error.map(status_of), outgoing, accessed: session.is_accessed() }
    }

    /// The response leaves: no token can be sent from now on, also for a session that is first asked for later.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        if let Some(Ok(session)) = self.opened.get() {
            session.close();
        }
    }

    /// Writes what the commit says into the response's headers.
    pub(crate) fn write(&self, finish: &Finish, headers: &mut HeaderMap) {
        match (&finish.outgoing, self.opened.get(), self.incoming.get()) {
            (Some(outgoing), Some(Ok(session)), Some(incoming)) => {
                self.engine.transport.write(incoming, outgoing, headers);
                session.sent(outgoing);
            }
            _ if finish.accessed => self.engine.transport.vary(headers),
            _ => {}
        }
    }
}

/// What a commit means for the response.
#[derive(Default)]
pub(crate) struct Finish {
    /// The status that replaces the handler's response.
    pub(crate) error: Option<StatusCode>,
    outgoing: Option<Outgoing>,
    accessed: bool,
}

fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Gone | Error::Conflict { .. } | Error::TooManySessions => StatusCode::CONFLICT,
        Error::Save(StoreError::Unavailable(_) | StoreError::Timeout)
        | Error::Destroy(StoreError::Unavailable(_) | StoreError::Timeout) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn wrong<T>() -> SessionRejection {
    SessionRejection::WrongDatabag(std::any::type_name::<T>())
}

/// What the extractors of all frameworks do.
pub(crate) fn open<T: Databag>(
    headers: &HeaderMap,
    uri: &Uri,
    extensions: &Extensions,
) -> impl Future<Output = Result<Session<T>, SessionRejection>> + Send + use<T> {
    let slot = extensions.get::<Arc<Slot>>().cloned();
    if let Some(slot) = &slot {
        slot.read(headers, uri, extensions);
    }
    async move {
        let result = match slot {
            None => Err(SessionRejection::MissingLayer),
            Some(slot) => slot.session().await,
        };
        #[cfg(feature = "tracing")]
        if let Err(rejection) = &result
            && !matches!(rejection, SessionRejection::Unavailable(_))
        {
            tracing::error!("{rejection}");
        }
        result
    }
}
