//! Opening databags on a session.

use std::any::TypeId;
use std::sync::Arc;

use session_core::Record;

use crate::config_error::ConfigError;
use crate::data::{Contents, first_bound, requires};
use crate::databag::Databag;
use crate::engine::Engine;
use crate::session::Session;
use crate::session_event::EndReason;
use crate::shared::{Data, Shared};
use crate::warning::Warning;

impl Engine {
    /// Checks that the store supports the guarantees of the fields of a databag.
    pub(crate) fn check<T: Databag>(&self) -> Result<(), ConfigError> {
        let this = TypeId::of::<T>();
        if self.supported.get() == Some(&this) {
            return Ok(());
        }
        match T::FIELDS.iter().find(|field| !self.store.supports(field)) {
            None => {
                self.supported.get_or_init(|| this);
                Ok(())
            }
            Some(field) => Err(ConfigError::Unserved { store: self.store.name(), field: field.name }),
        }
    }

    /// A copy of a record as a databag, for reading: changes to it are discarded.
    pub(crate) fn copy<T: Databag>(self: &Arc<Self>, record: Option<Record>) -> Data<T> {
        let copy = Shared::copy(self, record);
        let view = copy.contents().open::<T>().unwrap_or_else(|_| unreachable!("it is the only databag"));
        Data::new(Arc::new(copy), view)
    }
}

impl Shared {
    /// Opens a databag on a session.
    pub(crate) fn open<T: Databag>(shared: &Arc<Self>) -> Result<Session<T>, ConfigError> {
        shared.engine.check::<T>()?;
        Self::open_supported(shared)
    }

    /// Opens a databag that the store is known to support.
    pub(crate) fn open_supported<T: Databag>(shared: &Arc<Self>) -> Result<Session<T>, ConfigError> {
        #[cfg(feature = "http")]
        shared.check_client_is_read::<T>()?;
        let mut contents = shared.contents();
        let is_first =
            const { requires(T::FIELDS) || first_bound(T::FIELDS).is_some() } && !contents.is_open::<T>();
        let view = contents.open::<T>()?;
        if is_first && let Some(missing) = contents.missing_field(Some(view)) {
            let was_used = shared.disregard(&mut contents, None);
            drop(contents);
            let late = ConfigError::RequiredLate { field: missing.name, databag: missing.databag };
            shared.engine.hooks.warning(&Warning::Required(missing));
            return if was_used { Err(late) } else { Ok(Session::new(Arc::clone(shared), view)) };
        }
        #[cfg(feature = "http")]
        if const { first_bound(T::FIELDS).is_some() } && is_first {
            shared.compare_client::<T>(contents, view)?;
        }
        Ok(Session::new(Arc::clone(shared), view))
    }

    /// Treats the session as absent, and ends it if there is a reason. Returns whether it was used before: then it ends
    /// in any case, because code may have acted on the identity of its principal.
    pub(crate) fn disregard(&self, contents: &mut Contents, ends: Option<EndReason>) -> bool {
        let commit = self.commit_lock.try_lock();
        let record = contents.record().cloned();
        let mut state = self.state();
        let was_used = commit.is_none() || contents.is_accessed() || state.accessed;
        if was_used || ends.is_some() {
            state.accessed = true;
            state.destroy(record, ends.unwrap_or(EndReason::Destroyed));
        } else {
            state.disregard();
        }
        drop(state);
        contents.replace(None);
        was_used
    }

    /// Opens the first databag of a session, which the store is known to support.
    pub(crate) fn open_first<T: Databag>(self) -> Session<T> {
        let shared = Arc::new(self);
        Self::open(&shared)
            .unwrap_or_else(|_| unreachable!("it is the only databag, and nobody used the session"))
    }

    /// Opens the first databag of a session, with these values.
    pub(crate) fn open_with<T: Databag>(self, bag: T) -> Session<T> {
        let view = self.contents().open_with(bag);
        Session::new(Arc::new(self), view)
    }
}
