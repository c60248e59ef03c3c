//! Listeners to the sessions of a manager.

use std::marker::PhantomData;
use std::sync::Arc;

use session_core::HandleId;

use crate::builder::{Build, Builder, EngineParts};
use crate::config_error::ConfigError;
use crate::databag::Databag;
use crate::engine::Engine;
use crate::events::Event;
use crate::manager::SessionManager;

/// The copy of a session's data that a listener receives.
type Accessors<T> = <T as Databag>::Accessors;

impl<T: Databag> Builder<SessionManager<T>> {
    fn listen(
        mut self,
        event: Event,
        listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static,
    ) -> Self {
        self.engine.listeners.set(event, move |id, record, engine: &Arc<Engine>| {
            listener(id, &T::accessors(engine.copy(Some(record))));
        });
        self
    }

    /// Sets a listener to created sessions, called with the handle id and a copy of the data: changes to it are
    /// discarded.
    ///
    /// A session whose principal changed or was removed counts as created.
    pub fn on_started(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Started, listener)
    }

    /// Sets a listener to sessions found in the store.
    pub fn on_loaded(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Loaded, listener)
    }

    /// Sets a listener to sessions whose token is written into a response.
    pub fn on_client(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Client, listener)
    }

    /// Sets a listener to sessions that got a new token and kept their handle id.
    pub fn on_regenerated(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Regenerated, listener)
    }

    /// Sets a listener to sessions that were ended, called with the handle id and a copy of the data that they had.
    ///
    /// A session whose principal changed or was removed counts as ended, under its former handle id.
    ///
    /// A session that was not ended through its own handle is not loaded for it. Its data contains only the value by
    /// which it was ended: the principal for [`destroy_all`](SessionManager::destroy_all),
    /// [`destroy_one`](SessionManager::destroy_one) and [the limit of sessions](Builder::max_sessions_per_principal), the
    /// value given to [`destroy_where`](SessionManager::destroy_where), and none for
    /// [`destroy_by_id`](SessionManager::destroy_by_id); every other field has its default.
    /// [`on_event`](Builder::on_event) reports how a session ended.
    pub fn on_deleted(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Deleted, listener)
    }
}

impl<T: Databag> Build for SessionManager<T> {
    fn assemble(EngineParts(engine): EngineParts) -> Result<Self, ConfigError> {
        engine.check::<T>()?;
        engine.check_limited::<T>()?;
        #[cfg(feature = "http")]
        let engine = engine.reading_client::<T>();
        Ok(Self { engine: Arc::new(engine), databag: PhantomData })
    }
}
