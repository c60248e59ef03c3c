//! Event listeners and error callbacks.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use session_core::{HandleId, Record};

use crate::error::Error;
use crate::report::{self, Chain};
use crate::session_event::SessionEvent;
use crate::warning::Warning;

type Hook<E> = Option<Arc<dyn Fn(E) + Send + Sync>>;
type HookRef<E> = Option<Arc<dyn Fn(&E) + Send + Sync>>;

/// Callbacks for errors, warnings, events and sessions found gone. Errors and warnings are also logged; without
/// a callback and a subscriber they are printed to standard error, once for each kind.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) error: HookRef<Error>,
    pub(crate) warning: HookRef<Warning>,
    pub(crate) gone: Hook<HandleId>,
    pub(crate) event: HookRef<SessionEvent>,
}

impl Hooks {
    pub(crate) fn error(&self, error: &Error) {
        let logged = report::log_error("session error", &Chain(error));
        let hook = self.error.as_ref();
        let is_handled = hook.and_then(|hook| catch_panic("on_error", || hook(error))).is_some();
        if !is_handled && !logged {
            report::print("error", error);
        }
    }

    pub(crate) fn warning(&self, warning: &Warning) {
        let logged = report::log_warning("session warning", &Chain(warning));
        self.warn(warning, logged);
    }

    /// The `count`th warning of a kind that any client can cause: the 1st, 2nd, 4th, 8th and so on go to the log.
    #[cfg(feature = "http")]
    pub(crate) fn counted_warning(&self, warning: &Warning, count: u64) {
        let logged = !count.is_power_of_two() || report::log_warning("session warning", &Chain(warning));
        self.warn(warning, logged);
    }

    fn warn(&self, warning: &Warning, logged: bool) {
        let hook = self.warning.as_ref();
        let is_handled = hook.and_then(|hook| catch_panic("on_warning", || hook(warning))).is_some();
        if !is_handled && !logged {
            report::print("warning", warning);
        }
    }

    pub(crate) fn gone(&self, id: HandleId) {
        // Not at a higher level, since it is part of normal operation.
        #[cfg(feature = "tracing")]
        tracing::debug!(session = %id, "session was destroyed or renewed by another request; nothing was written");
        if let Some(hook) = &self.gone {
            catch_panic("on_gone", || hook(id));
        }
        self.event(|| SessionEvent::Gone { id });
    }

    /// Whether an event callback is set.
    pub(crate) fn hear_events(&self) -> bool {
        self.event.is_some()
    }

    pub(crate) fn event(&self, event: impl FnOnce() -> SessionEvent) {
        if let Some(hook) = &self.event {
            catch_panic("on_event", || hook(&event()));
        }
    }
}

/// Calls a callback of the application. `None` if it panicked, which is reported and does not affect the request.
pub(crate) fn catch_panic<R>(name: &'static str, callback: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(callback)) {
        Ok(returned) => Some(returned),
        Err(payload) => {
            // A payload may panic when it is dropped.
            mem::forget(payload);
            let panicked = CallbackPanicked(name);
            if !report::log_error("session callback panicked", &panicked) {
                report::print("error", &panicked);
            }
            None
        }
    }
}

/// A callback of the application panicked.
#[derive(Debug, thiserror::Error)]
#[error("the callback given to `{0}` panicked; the request went on without it, see the panic's own message")]
struct CallbackPanicked(&'static str);

/// An event in the life cycle of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Started,
    Loaded,
    Client,
    Regenerated,
    Deleted,
}

impl Event {
    /// The setting by which a listener is registered.
    fn setting(self) -> &'static str {
        match self {
            Self::Started => "on_started",
            Self::Loaded => "on_loaded",
            Self::Client => "on_client",
            Self::Regenerated => "on_regenerated",
            Self::Deleted => "on_deleted",
        }
    }
}

type Listener<C> = Box<dyn Fn(HandleId, Record, &C) + Send + Sync>;

/// Listeners to the events of single sessions. They receive the handle id, the record, and a context to read the record;
/// never the token.
pub(crate) struct Listeners<C>([Option<Listener<C>>; 5]);

impl<C> Listeners<C> {
    pub(crate) fn set(
        &mut self,
        event: Event,
        listener: impl Fn(HandleId, Record, &C) + Send + Sync + 'static,
    ) {
        self.0[event as usize] = Some(Box::new(listener));
    }

    /// Whether an event has listeners.
    pub(crate) fn hear(&self, event: Event) -> bool {
        self.0[event as usize].is_some()
    }

    pub(crate) fn notify(&self, event: Event, record: Record, context: &C) {
        if let Some(listener) = &self.0[event as usize] {
            catch_panic(event.setting(), || listener(record.meta().id, record, context));
        }
    }
}

impl<C> Default for Listeners<C> {
    fn default() -> Self {
        Self(Default::default())
    }
}
