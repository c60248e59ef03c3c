//! Sessions that are bound to the client from which their principal signed in.

use std::any::type_name;

use crate::client_change::ClientChange;
use crate::config_error::ConfigError;
use crate::data::{Guard, first_bound};
use crate::databag::Databag;
use crate::engine::Engine;
use crate::session_event::{EndReason, SessionEvent};
use crate::shared::Shared;
use crate::state::Freshness;

impl Engine {
    /// The same, reading the client from requests if a databag binds a field to it.
    pub(crate) fn reading_client<T: Databag>(mut self) -> Self {
        if const { first_bound(T::FIELDS).is_some() } {
            self.transport.client_change.get_or_insert(ClientChange::Report);
        }
        self
    }
}

impl Shared {
    /// Whether the client was read from the request, if this databag binds a field to it.
    pub(crate) fn check_client_is_read<T: Databag>(&self) -> Result<(), ConfigError> {
        let Some(field) = (const { first_bound(T::FIELDS) }) else { return Ok(()) };
        if self.presented.is_some() && self.engine.transport.client_change.is_none() {
            return Err(ConfigError::ClientNotRead { field: field.name, databag: type_name::<T>() });
        }
        Ok(())
    }

    /// Compares the client of this request with the one that a view of the session remembers, before the view is used.
    pub(crate) fn compare_client<T: Databag>(
        &self,
        mut contents: Guard<'_>,
        view: usize,
    ) -> Result<(), ConfigError> {
        let changed = contents.changed_bindings(view, &|bind| self.client_value(bind));
        let (Some(&field), Some(meta)) = (changed.first(), contents.meta()) else { return Ok(()) };
        let ends_late = match self.engine.transport.client_change {
            None | Some(ClientChange::Report) => false,
            Some(ClientChange::RequireFresh) => {
                self.state().freshness = Freshness::Doubted;
                false
            }
            Some(ClientChange::End) => self.disregard(&mut contents, Some(EndReason::ClientChanged)),
        };
        drop(contents);
        for field in changed {
            self.engine.hooks.event(|| SessionEvent::ClientChanged { id: meta.id, field });
        }
        if ends_late {
            return Err(ConfigError::ClientChangedLate { field, databag: type_name::<T>() });
        }
        Ok(())
    }
}
