//! The handle of one session.

use std::fmt;
use std::sync::Arc;

use session_core::{HandleId, Meta, Token};

use crate::config_error::ConfigError;
use crate::data::Cleared;
use crate::databag::Databag;
use crate::decide::Trigger;
use crate::error::Error;
use crate::plan::{Origin, Requested};
use crate::session_event::EndReason;
use crate::shared::{Data, Shared};
use crate::state::Ending;
use crate::warning::Warning;

/// The session of one request, or of one call of a [`SessionManager`](crate::SessionManager).
///
/// Cheap to clone; all clones share one state. [`data`](Session::data) holds the generated getters and setters. In HTTP
/// changes are saved when the handler's response is ready; without HTTP, or after the response (web
/// sockets, streams), by [`save`](Session::save).
///
/// ```
/// use session::{Databag, MemoryStore, SessionManager};
///
/// #[derive(Databag)]
/// struct Visit {
///     pages: Vec<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), session::Error> {
/// let manager = SessionManager::<Visit>::new(MemoryStore::new());
/// let session = manager.create().await?;
/// session.data.update_pages(|pages| pages.push("/".into()));
/// session.save().await?;
/// # Ok(())
/// # }
/// ```
pub struct Session<T: Databag> {
    /// The getters and setters that `#[derive(Databag)]` generates.
    pub data: T::Accessors,
    pub(crate) shared: Arc<Shared>,
}

impl<T: Databag> Session<T> {
    /// A handle of a session, on the view of its databag with this index.
    pub(crate) fn new(shared: Arc<Shared>, view: usize) -> Self {
        Self { data: T::accessors(Data::new(Arc::clone(&shared), view)), shared }
    }

    /// Returns this session with another databag: one record, one token and one commit.
    ///
    /// With it a middleware or helper function stores its own fields in a session that it receives. In HTTP a handler may
    /// also extract several databags. Their fields must have different names; a library separates its own with
    /// `#[databag(namespace = "…")]`.
    ///
    /// ```
    /// # use session::{Databag, MemoryStore, SessionManager};
    /// #[derive(Databag)]
    /// struct Visitor {
    ///     pages: u32,
    /// }
    ///
    /// #[derive(Databag)]
    /// #[databag(namespace = "survey")]
    /// struct Survey {
    ///     answered: bool,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let session = SessionManager::<Visitor>::new(MemoryStore::new()).create().await?;
    /// session.view::<Survey>()?.data.set_answered(true);
    /// session.save().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::SharedField`] when another databag of this session names one of its fields,
    /// [`ConfigError::TwoPrincipals`] when both have a principal, [`ConfigError::Unserved`] when the store does not
    /// support the guarantee of a field, [`ConfigError::RequiredLate`] when the session was used before and lacks a
    /// field that `B` requires.
    pub fn view<B: Databag>(&self) -> Result<Session<B>, ConfigError> {
        Shared::open(&self.shared)
    }

    /// The session's public name, for logs and lists; `None` while nothing is stored.
    ///
    /// It is not a credential, and stays the same when the session is renewed. When the principal changes or is removed,
    /// the session gets a new one.
    #[doc(alias = "session_id")]
    pub fn id(&self) -> Option<HandleId> {
        self.stored_meta().map(|meta| meta.id)
    }

    /// Whether this handle did not find a stored session: the client presented no token, or an
    /// invalid one, or the session was destroyed.
    pub fn is_new(&self) -> bool {
        self.shared.used().is_new
    }

    /// Whether the session was stored at the last store call, and its deadlines have not passed since.
    pub fn is_valid(&self) -> bool {
        let now = self.shared.engine.clock.now();
        self.shared.used().backing.origin() == Origin::Stored
            && self.stored_meta().is_some_and(|meta| meta.is_live(now))
    }

    pub(crate) fn stored_meta(&self) -> Option<Meta> {
        drop(self.shared.used());
        self.shared.contents_without_record().meta()
    }

    /// The token of the session, for sending it to the client without a layer; `None` while nothing is stored.
    ///
    /// It is a secret: keep it out of logs, and use [`id`](Session::id) to name the session.
    pub fn token(&self) -> Option<Token> {
        let state = self.shared.used();
        let is_stored = state.backing.origin() == Origin::Stored && state.requested != Requested::Destroy;
        state.backing.token().filter(|_| is_stored).cloned()
    }

    /// Gives the session a new token and invalidates the old one, keeping its data and its lifetime deadline.
    ///
    /// Call it whenever a user's privileges change, so that a token that was planted or stolen before is invalid; a
    /// change of the [`principal`](crate::guide::principal) renews the session automatically, and there is [no renewal
    /// at intervals](crate::guide::renewal). The handle id stays. A session that is not stored yet is created. It takes
    /// effect with the commit, also when the response is 5xx.
    #[doc(alias = "regenerate")]
    #[doc(alias = "rotate")]
    #[doc(alias = "session fixation")]
    pub fn renew(&self) {
        let mut state = self.shared.used();
        if state.requested == Requested::Nothing {
            state.requested = Requested::Renew;
        }
    }

    /// Like [`renew`](Session::renew), and drops all data first except for the fields declared with `keep`.
    ///
    /// If it drops the principal, the session becomes anonymous, with a new handle id and new deadlines.
    pub fn renew_and_clear(&self) {
        self.renew();
        self.shared.contents().clear(Cleared::Unkept);
    }

    /// Drops all data, including `keep` fields. The session stays alive under its token, with every field at its default.
    ///
    /// A session of a principal becomes anonymous, with a new token, a new handle id and new deadlines.
    #[doc(alias = "flush")]
    pub fn clear(&self) {
        self.shared.contents().clear(Cleared::All);
    }

    /// Ends the session. Its data is dropped immediately for the rest of this request, and in the store with the commit,
    /// also when the response is 5xx.
    ///
    /// If a concurrent request renews the session meanwhile, it still ends, provided that it has the same principal and
    /// the store can find sessions by principal: it is then found by its handle id. That also applies if this request
    /// has found it gone.
    ///
    /// Values set afterwards belong to a new session with a fresh token.
    #[doc(alias = "logout")]
    #[doc(alias = "sign_out")]
    #[doc(alias = "invalidate")]
    #[doc(alias = "purge")]
    pub fn destroy(&self) {
        let record = self.shared.record();
        self.shared.used().destroy(record, EndReason::Destroyed);
        self.shared.contents().replace(None);
    }

    /// Commits changes, a renewal or a destruction now.
    ///
    /// In HTTP it is only needed to save before a response of status 5xx and after the response was
    /// sent. If nothing was changed, nothing is written; nor is it if the session's cookie cannot be
    /// sent, on a connection known to be plain HTTP or outside the cookie's path, which is reported as a warning.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] when another request destroyed or renewed the session meanwhile, [`Error::HeadersSent`] when
    /// the client would need a new token that can no longer be sent, [`Error::Conflict`], and errors of the
    /// store. Nothing was written then; the changes stay in this handle and a later call tries again.
    pub async fn save(&self) -> Result<(), Error> {
        self.shared.commit(Trigger::Save).await
    }

    /// Reloads the session, dropping unsaved changes. A requested renewal or destruction stays.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] when it no longer exists; the data is then empty. [`Error::Load`] when the store
    /// fails; the handle is then unchanged.
    pub async fn reload(&self) -> Result<(), Error> {
        let shared = &self.shared;
        let _commit = shared.commit_lock.lock().await;
        let token = {
            let state = shared.used();
            match state.backing.origin() {
                Origin::Stored if state.requested != Requested::Destroy => state.backing.token().cloned(),
                Origin::New | Origin::Stored | Origin::Gone => None,
            }
        };
        let seen = shared.engine.present();
        let record = match &token {
            Some(token) => shared.engine.load(token).await?,
            None => None,
        };
        let mut is_gone = token.is_some() && record.is_none();
        let before = shared.record();
        let missing = {
            let mut contents = shared.contents();
            contents.replace(record);
            contents.missing_field(None).inspect(|_| contents.replace(None))
        };
        if let Some(missing) = missing {
            is_gone = true;
            shared.engine.hooks.warning(&Warning::Required(missing));
        }
        let mut state = shared.state();
        state.seen = seen;
        if is_gone {
            state.gone(false);
            state.ending =
                state.ending.take().or(before.map(|record| Ending { record, how: EndReason::Destroyed }));
        }
        if state.backing.origin() == Origin::Gone { Err(Error::Gone) } else { Ok(()) }
    }
}

impl<T: Databag> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<T: Databag> fmt::Debug for Session<T> {
    /// Prints the handle id, never the token or the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.shared.shown_meta().map(|meta| meta.id);
        let origin = self.shared.state().backing.origin();
        f.debug_struct("Session").field("id", &id).field("origin", &origin).finish_non_exhaustive()
    }
}
