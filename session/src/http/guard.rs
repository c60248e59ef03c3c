//! Decides which requests may pass, from their session.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, StatusCode};

use super::navigation::{is_navigation, is_read};
use super::path::{original, sent_path};
use super::request_info::RequestInfo;
use super::return_to::ReturnTo;
use crate::access_rejection::AccessRejection;
use crate::databag::HasPrincipal;
use crate::error::{Error, SessionRejection};
use crate::session::Session;

/// Creates a [`Guard`] that lets the requests of signed-in visitors pass.
///
/// ```
/// # #[cfg(feature = "axum")]
/// # mod site {
/// use axum::{Router, routing::get};
/// use session::{Databag, MemoryStore, SessionLayer};
///
/// #[derive(Databag)]
/// struct Visitor {
///     #[databag(principal)]
///     user_id: Option<u64>,
/// }
///
/// # async fn account() {}
/// # async fn home() {}
/// # fn app() -> Router {
/// Router::new()
///     .route("/account", get(account))
///     .route_layer(session::guard::<Visitor>().redirect_to("/login")) // for the routes above
///     .route("/", get(home))
///     .layer(SessionLayer::new(MemoryStore::new()))
/// # }
/// # }
/// ```
#[doc(alias("login_required", "authentication", "authorization", "middleware", "protect"))]
pub fn guard<T: HasPrincipal>() -> Guard<T> {
    Guard { sign_in: None, requirements: Vec::new(), fresh: None, reauthentication: None }
}

/// Lets only the requests of signed-in visitors pass: those whose session has a [principal](crate::guide::principal).
///
/// Created by [`guard`]. With the feature `tower` it is a layer, inside of the `SessionLayer`; with `actix` it is
/// middleware, wrapped before the `SessionMiddleware`. It loads the session, which the handler then
/// finds loaded, and makes no other call of the store. Others get an empty response:
///
/// | request | response |
/// |---|---|
/// | nobody is signed in | 401, or a redirect to the [sign-in page](Guard::redirect_to) |
/// | the visitor does not fulfil a [requirement](Guard::require) | 403 |
/// | the visitor [signed in too long ago](Guard::fresh) | 401, or a redirect to the [page that asks again](Guard::reauthenticate_at) |
/// | the session cannot be loaded | 503 |
///
/// The reason is in the extensions of the response, an [`AccessRejection`], for middleware that renders it.
pub struct Guard<T: HasPrincipal> {
    sign_in: Option<ReturnTo>,
    requirements: Vec<Requirement<T>>,
    fresh: Option<Duration>,
    reauthentication: Option<ReturnTo>,
}

type Requirement<T> = Arc<dyn Fn(&Session<T>) -> bool + Send + Sync>;

impl<T: HasPrincipal> Guard<T> {
    /// Redirects visitors who are not signed in to a page of this site, with the page that they wanted in the parameter
    /// `next`: `/login?next=%2Faccount%3Fpage%3D2`, status 303. [`ReturnTo`] reads it. Default: status 401.
    ///
    /// Only navigation is redirected: requests with `Sec-Fetch-Mode: navigate`, or without that header a `GET` or `HEAD` that accepts HTML and is
    /// no `XMLHttpRequest`. Forms that are sent by another method are redirected without `next`. Scripts, API clients
    /// and web sockets get status 401.
    ///
    /// The page itself must not be guarded.
    ///
    /// # Panics
    ///
    /// When `page` is not a path of this site.
    #[doc(alias = "login_url")]
    pub fn redirect_to(mut self, page: &str) -> Self {
        self.sign_in = Some(own_page(page));
        self
    }

    /// Requires something of the session of a signed-in visitor, such as a role. Others get status 403.
    ///
    /// All requirements of several calls must be fulfilled. The function is called for each request, and waits for
    /// nothing.
    ///
    /// ```
    /// # use session::Databag;
    /// #[derive(Databag)]
    /// struct Visitor {
    ///     #[databag(principal)]
    ///     user_id: Option<u64>,
    ///     is_admin: bool,
    /// }
    ///
    /// let admins = session::guard::<Visitor>().redirect_to("/login").require(|session| session.data.is_admin());
    /// ```
    #[doc(alias("role", "permission", "authorize"))]
    pub fn require(mut self, requirement: impl Fn(&Session<T>) -> bool + Send + Sync + 'static) -> Self {
        self.requirements.push(Arc::new(requirement));
        self
    }

    /// Requires that the visitor proved their identity less than `within` ago, as [`Session::is_fresh`] does. Others get
    /// status 401, or are [redirected](Guard::reauthenticate_at).
    #[doc(alias("step_up", "sudo mode", "recently_authenticated"))]
    pub fn fresh(mut self, within: Duration) -> Self {
        self.fresh = Some(within);
        self
    }

    /// Redirects visitors who signed in too long ago to a page of this site that asks for the password again and calls
    /// [`Session::authenticated`], as [`redirect_to`](Guard::redirect_to) does with strangers.
    ///
    /// # Panics
    ///
    /// When `page` is not a path of this site.
    pub fn reauthenticate_at(mut self, page: &str) -> Self {
        self.reauthentication = Some(own_page(page));
        self
    }

    /// Decides whether a request may pass: for adapters to other frameworks.
    ///
    /// # Errors
    ///
    /// The response to a request that may not pass.
    pub fn check(
        &self,
        session: &Session<T>,
        method: &Method,
        request: &RequestInfo<'_>,
    ) -> Result<(), GuardResponse> {
        let (reason, page) = if session.principal().is_none() {
            (AccessRejection::NotSignedIn, &self.sign_in)
        } else if !self.requirements.iter().all(|is_fulfilled| is_fulfilled(session)) {
            (AccessRejection::NotAllowed, &None)
        } else if self.fresh.is_some_and(|within| !session.is_fresh(within)) {
            (AccessRejection::NotFresh, &self.reauthentication)
        } else {
            return Ok(());
        };
        let Some(page) = page.as_ref().filter(|_| is_navigation(method, request.headers)) else {
            return Err(reason.into());
        };
        let engine = &session.shared.engine;
        let path = sent_path(request, engine.transport.trust_proxy);
        if request.is_uri_known && path == page.path() {
            let rejection = SessionRejection::RedirectLoop { page: page.path().to_owned() };
            engine.hooks.error(&Error::Rejected(rejection.clone()));
            return Err(AccessRejection::Session(rejection).into());
        }
        let next = (request.is_uri_known && is_read(method)).then(|| match original(request).query() {
            Some(query) => ReturnTo::parse(&format!("{path}?{query}")),
            None => ReturnTo::parse(&path),
        });
        Err(GuardResponse { reason, location: page.with_next(next.flatten().as_ref()) })
    }
}

/// A page to redirect to, from the configuration.
fn own_page(page: &str) -> ReturnTo {
    match ReturnTo::parse(page) {
        Some(path) if !page.contains('#') => path,
        _ => panic!(
            "a guard redirects to a path of this site without a fragment, such as `/login`, and not to `{page}`"
        ),
    }
}

impl<T: HasPrincipal> Clone for Guard<T> {
    fn clone(&self) -> Self {
        let Self { sign_in, requirements, fresh, reauthentication } = self;
        Self {
            sign_in: sign_in.clone(),
            requirements: requirements.clone(),
            fresh: *fresh,
            reauthentication: reauthentication.clone(),
        }
    }
}

impl<T: HasPrincipal> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("redirect_to", &self.sign_in)
            .field("fresh", &self.fresh)
            .field("reauthenticate_at", &self.reauthentication)
            .finish_non_exhaustive()
    }
}

/// The response to a request that a [`Guard`] does not let pass: a status without a body, or a redirect.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GuardResponse {
    /// Why the request may not pass.
    pub reason: AccessRejection,
    /// The value of `Location`, if the response is a redirect.
    pub location: Option<HeaderValue>,
}

impl GuardResponse {
    /// Returns the status: 303 for a redirect, otherwise that of the reason.
    pub fn status(&self) -> StatusCode {
        if self.location.is_some() { StatusCode::SEE_OTHER } else { self.reason.status() }
    }
}

impl From<AccessRejection> for GuardResponse {
    fn from(reason: AccessRejection) -> Self {
        Self { reason, location: None }
    }
}
