//! The live handle of one session.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::databag::Databag;
use session_core::{HandleId, Meta, Token};

use crate::Error;
use crate::engine::Touch;
use crate::live::Live;
use crate::plan::{Ask, Origin};
use crate::step::When;

/// The session of one request, or of one call of a [`SessionManager`](crate::SessionManager).
///
/// Cheap to clone; all clones see one state. [`data`](Session::data) holds the generated getters and setters. In HTTP
/// everything is written back when the handler's response is ready; without HTTP, or after the response (web
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
    /// The getters and setters that `#[derive(Databag)]` made.
    pub data: T::Accessors,
    pub(crate) live: Arc<Live<T>>,
}

impl<T: Databag> Session<T> {
    /// A handle of a session that others may have handles of.
    pub(crate) fn of(live: Arc<Live<T>>) -> Self {
        Self { data: T::accessors(live.data.clone()), live }
    }

    /// The session's public name, for logs and lists; `None` while nothing is stored.
    ///
    /// It authenticates nobody and stays the same when the session is renewed. A session that goes from one principal to
    /// another, or to nobody, gets a new one.
    pub fn id(&self) -> Option<HandleId> {
        self.meta().map(|meta| meta.id)
    }

    /// Whether this handle did not find a stored session: the client presented no token, or one that
    /// opens nothing, or the session was destroyed.
    pub fn is_new(&self) -> bool {
        self.live.used().is_new
    }

    /// Whether the store held the session when it was last asked and its deadlines have not passed since.
    pub fn is_valid(&self) -> bool {
        let now = self.live.engine.clock.now();
        self.live.used().origin == Origin::Stored && self.meta().is_some_and(|meta| meta.is_live(now))
    }

    /// When the session was created and how long it lives; `None` while nothing is stored.
    pub fn meta(&self) -> Option<Meta> {
        drop(self.live.used());
        self.live.data.meta()
    }

    /// The token that opens the session, for handing it to the client by hand; `None` while nothing is stored.
    ///
    /// It is a secret: keep it out of logs, and use [`id`](Session::id) to name the session.
    pub fn token(&self) -> Option<Token> {
        let link = self.live.used();
        link.token.clone().filter(|_| link.origin == Origin::Stored && link.ask != Ask::Destroy)
    }

    /// Gives the session a new token and kills the old one, keeping its data and its lifetime deadline.
    ///
    /// Call it whenever a user's rights change, so that a token that somebody planted or learnt before is worth nothing; a
    /// change of the [`principal`](crate::guide::principal) renews the session by itself. The handle id stays. A session
    /// that is not stored yet is created. It takes effect with the commit, also when the response is 5xx.
    pub fn renew(&self) {
        let mut link = self.live.used();
        if link.ask == Ask::Keep {
            link.ask = Ask::Renew;
        }
    }

    /// Like [`renew`](Session::renew), and drops all data first but for the fields declared with `keep`.
    ///
    /// A session whose principal is dropped by it becomes nobody's, with a new handle id and new deadlines.
    pub fn renew_and_clear(&self) {
        self.renew();
        self.live.data.clear_unkept();
    }

    /// Drops all data, `keep` fields too. The session lives on under its token, with every field at its default.
    ///
    /// A session of a principal becomes nobody's, with a new token, a new handle id and new deadlines.
    pub fn clear(&self) {
        self.live.data.clear();
    }

    /// Ends the session. Its data is gone at once for the rest of this request, in the store with the commit, also when
    /// the response is 5xx.
    ///
    /// A session of a principal ends also when another request renews it meanwhile, where the store finds sessions by
    /// their principal: it is followed by its handle id while it belongs to that principal. That holds too when this
    /// request has found it gone.
    ///
    /// What is set afterwards belongs to a new session with a fresh token.
    pub fn destroy(&self) {
        let record = self.live.data.record();
        self.live.used().destroy(record);
        self.live.data.replace(None);
    }

    /// Gives this session an idle timeout of its own, counted from now; [`Duration::MAX`] for none.
    pub fn set_idle_timeout(&self, timeout: Duration) {
        self.live.used().wishes.idle_timeout = Some(timeout);
    }

    /// Gives this session a lifetime of its own, counted from its creation; [`Duration::MAX`] for none.
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.live.used().wishes.lifetime = Some(lifetime);
    }

    /// Whether the client keeps this session's cookie when the browser is closed, until the session's deadline.
    ///
    /// The cookie is sent now and whenever the deadline moves. A change from one principal to another, or to nobody, sets
    /// it back to what [`persistent`](crate::Builder::persistent) says, unless it is called in the same request.
    pub fn remember(&self, remember: bool) {
        self.live.used().wishes.remember = Some(remember);
    }

    /// Decides for this request when the idle deadline moves.
    pub fn set_touch(&self, touch: Touch) {
        self.live.link().touch = touch;
    }

    /// Writes now what was changed, renewed or destroyed so far.
    ///
    /// In HTTP there is no need for it, except to save before a response of status 5xx and after the response has
    /// left. When nothing was changed, nothing is written; nor is it where the session's cookie could not
    /// follow, on a connection known to be plain HTTP or outside the cookie's path: a warning then says so.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] when another request destroyed or renewed the session meanwhile, [`Error::HeadersSent`] when
    /// the client would need a new token and can no longer get it, [`Error::Conflict`], and whatever keeps the store
    /// from writing. Nothing was written then; the changes stay in this handle and a later call tries again.
    pub async fn save(&self) -> Result<(), Error> {
        self.live.commit(When::Now).await
    }

    /// Reads the session anew, dropping changes that were not saved. A renewal or destruction that was asked for stays.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] when it is not there any more; the data is then empty. [`Error::Load`] when the store cannot
    /// tell; everything is then as before.
    pub async fn reload(&self) -> Result<(), Error> {
        let _turn = self.live.turn.take().await;
        let token = {
            let link = self.live.used();
            match link.origin {
                Origin::Stored if link.ask != Ask::Destroy => link.token.clone(),
                Origin::New | Origin::Stored | Origin::Gone => None,
            }
        };
        let seen = self.live.engine.present();
        let record = match &token {
            Some(token) => self.live.engine.load(token).await?,
            None => None,
        };
        let lost = token.is_some() && record.is_none();
        let before = self.live.data.record();
        self.live.data.replace(record);
        let mut link = self.live.link();
        link.seen = seen;
        if lost {
            link.gone();
            link.ended = link.ended.take().or(before);
        }
        if link.origin == Origin::Gone { Err(Error::Gone) } else { Ok(()) }
    }
}

impl<T: Databag> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), live: Arc::clone(&self.live) }
    }
}

impl<T: Databag> fmt::Debug for Session<T> {
    /// Shows the handle id, never the token nor the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.live.data.shown_meta().map(|meta| meta.id);
        let origin = self.live.link().origin;
        f.debug_struct("Session").field("id", &id).field("origin", &origin).finish_non_exhaustive()
    }
}
