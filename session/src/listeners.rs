//! Listeners to the sessions of a manager, and building one.

use std::marker::PhantomData;
use std::sync::Arc;

use session_core::HandleId;

use crate::builder::{Build, Builder, EngineParts};
use crate::config_error::ConfigError;
use crate::databag::Databag;
use crate::engine::Engine;
use crate::events::Event;
use crate::manager::SessionManager;

/// What a listener is called with.
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

    /// Told of every session created, with its handle id and a copy of its data: what a listener sets goes nowhere.
    ///
    /// A session that went from one principal to another, or to nobody, counts as created.
    pub fn on_started(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Started, listener)
    }

    /// Told of every session found in the store.
    pub fn on_loaded(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Loaded, listener)
    }

    /// Told when a session's token is put into a response.
    pub fn on_client(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Client, listener)
    }

    /// Told of every session that got a new token and kept its handle id.
    pub fn on_regenerated(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Regenerated, listener)
    }

    /// Told of every session destroyed through a handle, with the data that it had.
    ///
    /// A session that went from one principal to another, or to nobody, counts as destroyed, under the handle id that it
    /// had.
    pub fn on_deleted(self, listener: impl Fn(HandleId, &Accessors<T>) + Send + Sync + 'static) -> Self {
        self.listen(Event::Deleted, listener)
    }
}

impl<T: Databag> Build for SessionManager<T> {
    fn assemble(EngineParts(engine): EngineParts) -> Result<Self, ConfigError> {
        engine.check::<T>()?;
        engine.check_limited::<T>()?;
        Ok(Self { engine: Arc::new(engine), databag: PhantomData })
    }
}
