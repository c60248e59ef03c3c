//! What all handlers share.

use std::sync::Arc;

use session::store::DynStore;
use session::{ConfigError, SessionManager};

use crate::activity::Activity;
use crate::observed_store::{ObservedStore, Switch};
use crate::visitor::Visitor;

#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) sessions: SessionManager<Visitor>,
    pub(crate) store: Arc<ObservedStore>,
    /// Stops the store, and starts it again.
    pub(crate) switch: Arc<Switch>,
    pub(crate) activity: Arc<Activity>,
}

impl Site {
    pub(crate) fn new(store: Box<dyn DynStore>) -> Result<Self, ConfigError> {
        let switch = Arc::<Switch>::default();
        let store = Arc::new(ObservedStore::new(store, Arc::clone(&switch)));
        // A site with TLS leaves `plain_http` out: the cookie is then `Secure` and named `__Host-session`.
        let sessions = SessionManager::builder(Arc::clone(&store)).plain_http().build()?;
        Ok(Self { sessions, store, switch, activity: Arc::default() })
    }

    /// Whether sessions live in the cookies of the visitors, and not on a server.
    pub(crate) fn is_in_cookies(&self) -> bool {
        self.sessions.store_name() == "cookie"
    }
}
