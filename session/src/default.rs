//! The process-wide manager.

use std::any::Any;

use crate::databag::Databag;
use once_cell::sync::OnceCell;

use crate::config_error::ConfigError;
use crate::manager::SessionManager;

static DEFAULT: OnceCell<Box<dyn Any + Send + Sync>> = OnceCell::new();

/// Sets the process-wide manager, once.
///
/// Programs that pass a manager or a layer around do not need it. When `build` fails, nothing is set and another
/// call may try again.
///
/// ```
/// use session::{ConfigError, Databag, MemoryStore, SessionManager};
///
/// #[derive(Databag)]
/// struct UserSession {
///     username: String,
/// }
///
/// session::configure(|| SessionManager::<UserSession>::builder(MemoryStore::new()).build())?;
/// let manager = session::manager::<UserSession>().expect("configured above");
/// # assert_eq!(session::configure(|| Ok(manager.clone())), Err(ConfigError::AlreadyConfigured));
/// # Ok::<_, ConfigError>(())
/// ```
///
/// # Errors
///
/// Those of `build`, and [`ConfigError::AlreadyConfigured`] on a second call.
pub fn configure<T: Databag>(
    build: impl FnOnce() -> Result<SessionManager<T>, ConfigError>,
) -> Result<(), ConfigError> {
    let mut first = false;
    DEFAULT.get_or_try_init(|| {
        first = true;
        build().map(|manager| Box::new(manager) as _)
    })?;
    if first { Ok(()) } else { Err(ConfigError::AlreadyConfigured) }
}

/// The process-wide manager; `None` before [`configure`] and for another databag than it was configured for.
pub fn manager<T: Databag>() -> Option<&'static SessionManager<T>> {
    DEFAULT.get()?.downcast_ref()
}
