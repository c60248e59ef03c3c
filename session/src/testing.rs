//! Visitors for tests of applications.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use http::header::COOKIE;
use http::{HeaderName, HeaderValue};

use crate::databag::Databag;
use crate::manager::SessionManager;
use crate::session::Session;

/// A visitor with a session, for a test of an application: signed in without a request to its sign-in page.
///
/// It sends the header that a browser with this session sends. The application under test uses the
/// [layer](SessionManager::layer) of the same manager.
///
/// ```
/// # use session::{Databag, MemoryStore, SessionManager};
/// use session::testing::TestSession;
///
/// #[derive(Databag)]
/// struct Visitor {
///     #[databag(principal)]
///     user_id: Option<u64>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sessions = SessionManager::<Visitor>::new(MemoryStore::new());
/// let visitor = TestSession::of(&sessions).with(|data| data.set_user_id(7)).await;
///
/// let request = http::Request::get("/account").header("cookie", visitor.cookie_header());
/// assert_eq!(visitor.session.data.user_id(), Some(7));
/// # request.body(()).unwrap();
/// # }
/// ```
#[doc(alias("force_login", "login_as", "acting_as", "mock session"))]
pub struct TestSession<T: Databag> {
    /// The session, for handlers that are called as functions, and for looking at what a request stored:
    /// `visitor.session.reload().await`.
    ///
    /// A function makes its changes in the handle; [`save`](Session::save) stores them, as the response would.
    pub session: Session<T>,
}

impl<T: Databag> TestSession<T> {
    /// Begins a session of this manager. It is stored when the returned value is awaited.
    pub fn of(manager: &SessionManager<T>) -> NewTestSession<T> {
        NewTestSession { session: manager.unsaved() }
    }

    /// The value of the `Cookie` header of the visitor's requests: one cookie, or several if the store splits tokens.
    ///
    /// # Panics
    ///
    /// When the session was destroyed through this handle, or the settings put tokens in another header, which
    /// [`header`](TestSession::header) returns.
    pub fn cookie_header(&self) -> HeaderValue {
        match self.header() {
            (COOKIE, value) => value,
            (other, _) => panic!("the token travels in the header `{other}`: use `header()`"),
        }
    }

    /// The name and value of the header with the session's token: `Cookie`, unless [`header`](crate::Builder::header) sets another
    /// one.
    ///
    /// A request that renews the session gives its client a new token, which this visitor does not have: its
    /// next request is a stranger's, as that of a thief would be.
    ///
    /// # Panics
    ///
    /// When the session was destroyed through this handle.
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        let token = self.session.token().expect("the session was destroyed, so it has no token");
        let (name, text) = self.session.shared.engine.transport.request_header(&token);
        let mut value = HeaderValue::try_from(text).expect("tokens are valid in headers");
        value.set_sensitive(true);
        (name, value)
    }
}

/// A [`TestSession`] to be stored, by `.await`.
#[must_use = "the session is stored when this is awaited"]
pub struct NewTestSession<T: Databag> {
    session: Session<T>,
}

impl<T: Databag> NewTestSession<T> {
    /// Sets fields: signs a user in, fills a cart.
    pub fn with(self, set: impl FnOnce(&T::Accessors)) -> Self {
        set(&self.session.data);
        self
    }
}

impl<T: Databag> IntoFuture for NewTestSession<T> {
    type Output = TestSession<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = TestSession<T>> + Send>>;

    /// Stores the session.
    ///
    /// # Panics
    ///
    /// When it cannot be stored.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { session } = self;
            session.renew();
            if let Err(error) = session.save().await {
                panic!("{}", error.report());
            }
            TestSession { session }
        })
    }
}

impl<T: Databag> fmt::Debug for TestSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestSession").field("session", &self.session).finish()
    }
}

impl<T: Databag> fmt::Debug for NewTestSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTestSession").finish_non_exhaustive()
    }
}
