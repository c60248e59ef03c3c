//! How many sessions a principal may have.

use std::num::NonZeroUsize;

use session_core::{Cap, Change, Databag, Field, Patch, Record, is_indexed};

use crate::ConfigError;
use crate::engine::Engine;

impl Engine {
    /// Whether the cap, if one is set, lets anybody in and is one that the store can keep.
    pub(crate) fn check_cap(&self) -> Result<(), ConfigError> {
        match self.settings.cap {
            None => Ok(()),
            Some((0, _)) => Err(ConfigError::NoSessions),
            Some(_) if self.store.offers_caps() => Ok(()),
            Some(_) => Err(ConfigError::Uncapped { store: self.store.name() }),
        }
    }

    /// Whether the cap, if one is set, has a principal to count the sessions of.
    pub(crate) fn check_capped<T: Databag>(&self) -> Result<(), ConfigError> {
        let has_principal = T::FIELDS.iter().any(Field::is_principal);
        if has_principal || self.settings.cap.is_none() { Ok(()) } else { Err(ConfigError::NoPrincipal) }
    }

    /// The cap for a patch to `before`, if the session comes to belong to somebody by it.
    pub(crate) fn cap<'a, T: Databag>(&self, before: Option<&Record>, patch: &'a Patch) -> Option<Cap<'a>> {
        let (most, evict) = self.settings.cap?;
        let name = T::FIELDS.iter().find(|field| field.is_principal())?.name;
        let (Change::Set(value) | Change::Swap { value: Some(value), .. }) = patch.change(name)? else {
            return None;
        };
        if !is_indexed(value) || before.and_then(|before| before.get(name)) == Some(value) {
            return None;
        }
        Some(Cap { name, value, most: NonZeroUsize::new(most)?, evict })
    }
}
