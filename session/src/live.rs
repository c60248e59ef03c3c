//! What all clones of a handle share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::{Data, OnUnsaved};
use crate::databag::Databag;
use session_core::Record;

use crate::Error;
use crate::engine::Engine;
use crate::hooks::{Listeners, Moment};
use crate::link::Link;
use crate::plan::{Ask, Origin};
use crate::turn::Turn;

/// One session of one request, behind its handles.
pub(crate) struct Live<T: Databag> {
    pub(crate) engine: Arc<Engine>,
    pub(crate) listeners: Option<Arc<Listeners<T>>>,
    pub(crate) data: Data<T>,
    /// Locked for moments, and never while the data is asked for, since closures under the data's lock may use the handle.
    link: Mutex<Link>,
    /// Held during a commit, so that two never overlap.
    pub(crate) turn: Turn,
    /// Whether nothing but the caller's `save` brings changes to the store: there is no response that does.
    by_hand: bool,
    /// What the request said that the session was loaded from.
    #[cfg(feature = "http")]
    pub(crate) incoming: Option<crate::http::Incoming>,
}

impl<T: Databag> Live<T> {
    pub(crate) fn new(
        engine: Arc<Engine>,
        listeners: Option<Arc<Listeners<T>>>,
        data: Data<T>,
        link: Link,
        by_hand: bool,
    ) -> Self {
        Self {
            engine,
            listeners,
            data,
            link: Mutex::new(link),
            turn: Turn::new(),
            by_hand,
            #[cfg(feature = "http")]
            incoming: None,
        }
    }

    /// Is the session of a request that said this.
    #[cfg(feature = "http")]
    pub(crate) fn arrive(&mut self, incoming: crate::http::Incoming) {
        self.link().deliverable = incoming.obstacle.is_none();
        self.incoming = Some(incoming);
    }

    /// Says why the session was not saved, where its client cannot be given a token.
    #[cfg_attr(
        not(feature = "http"),
        expect(clippy::unused_self, reason = "without HTTP there are no obstacles")
    )]
    pub(crate) fn warn_of_obstacle(&self) {
        #[cfg(feature = "http")]
        if let Some(obstacle) = self.incoming.as_ref().and_then(|incoming| incoming.obstacle) {
            self.engine.hooks.warning(&obstacle.warning());
        }
    }

    pub(crate) fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The link, for a call that counts as use of the session.
    pub(crate) fn used(&self) -> MutexGuard<'_, Link> {
        let mut link = self.link();
        link.accessed = true;
        link
    }

    /// Whether the application used the session in any way.
    #[cfg(feature = "http")]
    pub(crate) fn is_accessed(&self) -> bool {
        self.data.is_accessed() || self.link().accessed
    }

    pub(crate) fn tell(&self, moment: Moment) {
        if self.listeners.is_some()
            && let Some(record) = self.data.record()
        {
            self.tell_of(moment, record);
        }
    }

    /// Listeners get a copy, so that what they do is no use of the session.
    pub(crate) fn tell_of(&self, moment: Moment, record: Record) {
        if let Some(listeners) = &self.listeners {
            let id = record.meta().id;
            listeners.tell(moment, id, || T::accessors(self.engine.data(Some(record))));
        }
    }
}

impl<T: Databag> Drop for Live<T> {
    /// Reports a renewal or destruction that was never committed, and has changes of the data reported when the last
    /// accessors are dropped: a task may hold those alone. Takes no lock on the data, since a closure under that lock may
    /// own the last handle.
    fn drop(&mut self) {
        let link = self.link.get_mut().unwrap_or_else(PoisonError::into_inner);
        let left_to_caller = (link.delivered || self.by_hand) && !link.left_behind;
        if !left_to_caller || link.origin == Origin::Gone {
            return;
        }
        let asked = match link.ask {
            Ask::Keep => false,
            Ask::Renew => true,
            Ask::Destroy => link.origin == Origin::Stored,
        };
        if asked {
            self.engine.hooks.error(&Error::Unsaved);
        } else {
            self.data.report_unsaved(Arc::clone(&self.engine) as Arc<dyn OnUnsaved>);
        }
    }
}
