//! The place of one request's session: filled on first use, committed once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{Extensions, HeaderMap, StatusCode, Uri};
use session_core::{Databag, StoreError};
use tokio::sync::OnceCell;

use super::any_session::AnySession;
use super::outgoing::Outgoing;
use super::rejection::SessionRejection;
use super::transport::Incoming;
use crate::engine::{Engine, Touch};
use crate::hooks::{Listeners, Moment};
use crate::link::Link;
use crate::step::When;
use crate::{Error, Session};

/// Where the layer and the extractors of one request meet.
pub(crate) struct Slot {
    engine: Arc<Engine>,
    /// The session, or why it could not be loaded; asked for once.
    opened: OnceCell<Result<Opened, Arc<Error>>>,
    /// Whether the response has left.
    closed: AtomicBool,
}

struct Opened {
    session: Box<dyn AnySession>,
    incoming: Incoming,
}

impl Slot {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine, opened: OnceCell::new(), closed: AtomicBool::new(false) }
    }

    /// The session of the request, loaded on the first call.
    pub(crate) async fn session<T: Databag>(
        &self,
        incoming: Incoming,
    ) -> Result<Session<T>, SessionRejection> {
        self.engine.check::<T>().map_err(SessionRejection::Unserved)?;
        // A layer that a manager made has the listeners of that manager's databag, and serves no other.
        let listeners = match &self.engine.listeners {
            None => None,
            Some(any) => Some(Arc::clone(any).downcast().map_err(|_| wrong::<T>())?),
        };
        self.open(incoming, listeners).await
    }

    async fn open<T: Databag>(
        &self,
        incoming: Incoming,
        listeners: Option<Arc<Listeners<T>>>,
    ) -> Result<Session<T>, SessionRejection> {
        let open = async |incoming: &Incoming| {
            let record = match &incoming.token {
                None => None,
                Some(token) => self.engine.load(token).await?,
            };
            let found = record.is_some();
            let mut link = Link::new(incoming.token.clone(), found, self.engine.settings.touch);
            link.deliverable = incoming.deliverable;
            let session =
                Session::<T>::new(Arc::clone(&self.engine), listeners, self.engine.data(record), link);
            if found {
                session.tell(Moment::Loaded);
            }
            Ok::<_, Error>(session)
        };
        let opened = self
            .opened
            .get_or_init(|| async {
                let session = open(&incoming).await.map_err(Arc::new)?;
                Ok(Opened { session: Box::new(session), incoming })
            })
            .await;
        if self.closed.load(Ordering::SeqCst) {
            self.close();
        }
        match opened {
            Ok(opened) => {
                opened.session.as_any().downcast_ref::<Session<T>>().cloned().ok_or_else(wrong::<T>)
            }
            Err(error) => Err(SessionRejection::Unavailable(Arc::clone(error))),
        }
    }

    /// What the session is loaded from when no handler asks for it, where the settings want it loaded all the same.
    pub(crate) fn read_eagerly(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        extensions: &Extensions,
    ) -> Option<Incoming> {
        self.is_eager().then(|| self.engine.transport.read(headers, uri, extensions))
    }

    fn is_eager(&self) -> bool {
        self.engine.transport.rolling || self.engine.settings.touch == Touch::EveryRequest
    }

    /// Loads the session that no handler asked for. A failure was reported and changes nothing for the response.
    pub(crate) async fn open_unused(&self, incoming: Incoming) {
        (self.engine.open_unused)(self, incoming).await;
    }

    /// Whether the session was asked for, be it that it could not be loaded.
    pub(crate) fn is_opened(&self) -> bool {
        self.opened.initialized()
    }

    /// Commits the session, once the response is ready to leave with this status; `None` for a panic. `asked` tells
    /// whether a handler had asked for it.
    pub(crate) async fn finish(&self, status: Option<StatusCode>, asked: bool) -> Finish {
        let Some(Ok(Opened { session, incoming })) = self.opened.get() else {
            return Finish { accessed: asked, ..Finish::default() };
        };
        let transport = &self.engine.transport;
        let failed = status.is_none_or(|status| status.is_server_error());
        let when = When::Response { failed, used: transport.rolling };
        let (error, tokens) = match transport.check(incoming) {
            Ok(()) => (session.commit(when).await.err(), true),
            Err(error) => {
                self.engine.hooks.error(&error);
                (Some(error), false)
            }
        };
        let roll = transport.rolling && error.is_none() && status != Some(StatusCode::NOT_MODIFIED);
        // A token that is due although the commit failed comes from an earlier save, and opens the session.
        let outgoing = session
            .deliver(roll)
            .filter(|outgoing| incoming.deliverable && (tokens || matches!(outgoing, Outgoing::Deletion)));
        Finish { error: error.as_ref().map(status_of), outgoing, accessed: session.is_accessed() }
    }

    /// The response leaves: no token can be sent from now on, also for a session that is first asked for later.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        if let Some(Ok(opened)) = self.opened.get() {
            opened.session.close();
        }
    }

    /// Writes what the commit says into the response's headers.
    pub(crate) fn write(&self, finish: &Finish, headers: &mut HeaderMap) {
        match (&finish.outgoing, self.opened.get()) {
            (Some(outgoing), Some(Ok(Opened { session, incoming }))) => {
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
    let found = slot.map(|slot| {
        let incoming = slot.engine.transport.read(headers, uri, extensions);
        (slot, incoming)
    });
    async move {
        let result = match found {
            None => Err(SessionRejection::MissingLayer),
            Some((slot, incoming)) => slot.session(incoming).await,
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
