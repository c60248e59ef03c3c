//! The place of one request's session: filled on first use, committed once.

use std::any::Any;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::databag::Databag;
use http::{Extensions, HeaderMap, StatusCode, Uri};

use super::any_session::AnySession;
use super::finish::{Finish, Finishing};
use super::rejection::SessionRejection;
use super::transport::Incoming;
use crate::engine::{Engine, Touch};
use crate::hooks::{Hooks, Moment};
use crate::link::{Due, Link};
use crate::live::Live;
use crate::turn::Turn;
use crate::{Error, Session};

/// Where the layer and the extractors of one request meet.
pub(crate) struct Slot {
    engine: Arc<Engine>,
    place: Mutex<Place>,
    /// Held while the session is loaded, which is done once.
    turn: Turn,
}

#[derive(Default)]
struct Place {
    /// What the request says, read when its session is first asked for, and handed over to the session.
    incoming: Option<Incoming>,
    opened: Option<Opened>,
    /// Whether the response has left.
    closed: bool,
}

/// The session, or why it could not be loaded.
type Opened = Result<Arc<dyn AnySession>, Arc<Error>>;

impl Slot {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine, place: Mutex::default(), turn: Turn::new() }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Option<Opened> {
        self.place().opened.clone()
    }

    /// Notes what the request says of its session.
    pub(crate) fn read(&self, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) {
        let mut place = self.place();
        if place.incoming.is_none() && place.opened.is_none() {
            place.incoming = Some(self.engine.transport.read(headers, Some(uri), extensions));
        }
    }

    /// Whether the settings want the session loaded also when no handler asks for it.
    pub(crate) fn is_eager(&self) -> bool {
        self.engine.transport.rolling || self.engine.settings.touch == Touch::EveryRequest
    }

    /// The session of the request that was read, loaded on the first call.
    pub(crate) async fn session<T: Databag>(&self) -> Result<Session<T>, SessionRejection> {
        let opened = match self.opened() {
            Some(opened) => opened,
            None => self.open::<T>().await?,
        };
        let session: Arc<dyn Any + Send + Sync> = opened.map_err(SessionRejection::Unavailable)?;
        session.downcast().map(Session::of).map_err(|_| wrong::<T>())
    }

    async fn open<T: Databag>(&self) -> Result<Opened, SessionRejection> {
        let engine = &self.engine;
        engine.check::<T>().map_err(SessionRejection::Unserved)?;
        // A layer that a manager made has the listeners of that manager's databag, and serves no other.
        let listeners = match &engine.listeners {
            None => None,
            Some(any) => Some(Arc::clone(any).downcast().map_err(|_| wrong::<T>())?),
        };
        let _turn = self.turn.take().await;
        let tokens = match &mut *self.place() {
            Place { opened: Some(opened), .. } => return Ok(opened.clone()),
            Place { incoming, .. } => {
                incoming.as_mut().map(|it| mem::take(&mut it.tokens)).unwrap_or_default()
            }
        };
        let seen = engine.present();
        let (token, record) = match engine.load_presented(&tokens).await {
            Ok(presented) => presented,
            Err(error) => return Ok(self.place().opened.insert(Err(Arc::new(error))).clone()),
        };
        let found = record.is_some();
        let mut link = Link::new(token, found, engine.settings.touch, seen);
        let mut place = self.place();
        link.delivered = place.closed;
        let mut live = Live::<T>::new(Arc::clone(engine), listeners, engine.data(record), link, false);
        if let Some(incoming) = place.incoming.take() {
            live.arrive(incoming);
        }
        let live = live.share();
        let opened = place.opened.insert(Ok(Arc::clone(&live) as _)).clone();
        drop(place);
        if found {
            live.tell(Moment::Loaded);
        }
        Ok(opened)
    }

    /// What the response waits for, once it is ready with this status; `None` for a panic.
    pub(crate) fn finish(self: &Arc<Self>, status: Option<StatusCode>) -> Finishing {
        if self.is_eager() && self.opened().is_none() {
            return Finishing::Commit(Box::pin(Arc::clone(self).finish_unused(status)));
        }
        match self.close() {
            None => Finishing::Unused,
            Some(Err(_)) => Finishing::Settled(Finish::nothing(true)),
            Some(Ok(session)) => match session.settle() {
                Some(finish) => Finishing::Settled(finish),
                None => Finishing::Commit(session.commit(status)),
            },
        }
    }

    /// Loads and commits the session that no handler asked for. A failure to load it was reported and changes nothing
    /// for the response.
    async fn finish_unused(self: Arc<Self>, status: Option<StatusCode>) -> Finish {
        (self.engine.open_unused)(&self).await;
        match self.close() {
            Some(Ok(session)) => session.commit(status).await,
            _ => Finish::nothing(false),
        }
    }

    /// The session, if it was asked for before the response leaves; one that is first asked for later can send no token.
    fn close(&self) -> Option<Opened> {
        let mut place = self.place();
        place.closed = true;
        place.opened.clone()
    }

    /// Writes what the commit says into the response's headers.
    pub(crate) fn write(&self, finish: &Finish, headers: &mut HeaderMap) {
        if finish.due != Due::Nothing
            && let Some(Ok(session)) = self.opened()
        {
            session.send(finish.due, headers);
        } else if finish.accessed {
            self.engine.transport.vary(headers);
        }
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
        let Some(slot) = slot else {
            let rejection = SessionRejection::MissingLayer;
            // No layer, so no callback of one.
            Hooks::default().error(&Error::Rejected(rejection.clone()));
            return Err(rejection);
        };
        slot.session().await.inspect_err(|rejection| match rejection {
            // Reported when the load failed.
            SessionRejection::Unavailable(_) => {}
            _ => slot.engine.hooks.error(&Error::Rejected(rejection.clone())),
        })
    }
}
