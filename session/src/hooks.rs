//! Who is told of what happens to sessions.

use std::sync::Arc;

use session_core::{Databag, HandleId};

use crate::{Error, Warning};

type Hook<E> = Option<Arc<dyn Fn(E) + Send + Sync>>;
type HookRef<E> = Option<Arc<dyn Fn(&E) + Send + Sync>>;

/// What is told whatever the databag: errors, warnings, sessions found gone. Each also goes to the log.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) error: HookRef<Error>,
    pub(crate) warning: HookRef<Warning>,
    pub(crate) gone: Hook<HandleId>,
}

impl Hooks {
    pub(crate) fn error(&self, error: &Error) {
        #[cfg(feature = "tracing")]
        tracing::error!(error = error as &(dyn std::error::Error + 'static), "session error");
        if let Some(hook) = &self.error {
            hook(error);
        }
    }

    pub(crate) fn warning(&self, warning: &Warning) {
        #[cfg(feature = "tracing")]
        tracing::warn!(warning = warning as &(dyn std::error::Error + 'static), "session warning");
        if let Some(hook) = &self.warning {
            hook(warning);
        }
    }

    pub(crate) fn gone(&self, id: HandleId) {
        #[cfg(feature = "tracing")]
        tracing::info!(session = %id, "session was destroyed or renewed by another request; nothing was written");
        if let Some(hook) = &self.gone {
            hook(id);
        }
    }
}

/// What happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Started,
    Loaded,
    Client,
    Regenerated,
    Deleted,
}

type Listener<T> = Box<dyn Fn(HandleId, &<T as Databag>::Accessors) + Send + Sync>;

/// What is told of single sessions, moment by moment: the handle id and the data, never the token.
pub(crate) struct Listeners<T: Databag>([Option<Listener<T>>; 5]);

impl<T: Databag> Listeners<T> {
    pub(crate) fn set(
        &mut self,
        moment: Moment,
        listener: impl Fn(HandleId, &T::Accessors) + Send + Sync + 'static,
    ) {
        self.0[moment as usize] = Some(Box::new(listener));
    }

    pub(crate) fn tell(&self, moment: Moment, id: HandleId, data: impl FnOnce() -> T::Accessors) {
        if let Some(listener) = &self.0[moment as usize] {
            listener(id, &data());
        }
    }
}

impl<T: Databag> Default for Listeners<T> {
    fn default() -> Self {
        Self(Default::default())
    }
}
