//! Tower middleware against cross-site request forgery (CSRF): an example of a library that stores its own data in
//! the application's sessions.
//!
//! It implements the synchronizer token pattern: each session holds a random token, which the application's pages contain
//! and other sites cannot read. Limitations:
//!
//! - It reads the token from a header and never from a body, so a script has to send the forms.
//! - It lets `GET`, `HEAD`, `OPTIONS` and `TRACE` through, so their handlers must not change anything for the visitor. That
//!   includes opening web sockets.
//! - It does not stop scripts injected into the application's own pages, which can read the token.
//! - It does not mask the token against compression attacks such as BREACH.
//! - It does not serialize pages of one session that ask for the first token at the same time: the one that is stored last
//!   counts, and the form of the other page is refused until the page is reloaded.
//! - It does not renew the token on its own. The token is dropped with the rest of the session's data when the session is
//!   cleared, ends, or goes from one principal to another. A visitor who signs in keeps it, and so does an attacker who
//!   planted the session, unless the handler calls [`Session::renew_and_clear`] before it sets the principal.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::response::{self, IntoResponse};
use session::{Databag, Session};
use subtle::ConstantTimeEq as _;
use tower_layer::Layer;
use tower_service::Service;

/// The request header that carries the token.
const HEADER: &str = "x-csrf-token";

/// The databag of the middleware.
#[derive(Databag)]
#[databag(namespace = "csrf")]
struct Csrf {
    #[databag(secret)]
    token: Option<String>,
}

/// The token of the visitor's session, for a page with forms.
///
/// The first handler that takes it as an argument creates the token, and the session if there is none.
pub(crate) struct CsrfToken(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = response::Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        if parts.extensions.get::<Protected>().is_none() {
            return Err((StatusCode::INTERNAL_SERVER_ERROR, "no CsrfLayer around this route").into_response());
        }
        let session = Session::<Csrf>::from_request_parts(parts, state).await;
        let session = session.map_err(IntoResponse::into_response)?;
        if let Some(token) = session.data.token() {
            return Ok(Self(token));
        }
        let token = random().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        session.data.set_token(token.as_str());
        Ok(Self(token))
    }
}

/// 128 random bits in hexadecimal.
fn random() -> Result<String, getrandom::Error> {
    Ok(format!("{:016x}{:016x}", getrandom::u64()?, getrandom::u64()?))
}

/// Marks requests that went through a [`CsrfLayer`].
#[derive(Clone)]
struct Protected;

/// Refuses requests with unsafe methods that do not carry the [token](CsrfToken) of their session, with status 403.
///
/// It goes inside a `SessionLayer`. It loads the session only for requests with unsafe methods, and never creates one.
#[derive(Clone)]
pub(crate) struct CsrfLayer;

impl<S> Layer<S> for CsrfLayer {
    type Service = CsrfService<S>;

    fn layer(&self, inner: S) -> CsrfService<S> {
        CsrfService { inner }
    }
}

/// A service behind a [`CsrfLayer`].
#[derive(Clone)]
pub(crate) struct CsrfService<S> {
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for CsrfService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>, Future: Send> + Clone + Send + 'static,
    ReqBody: Send + 'static,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        request.extensions_mut().insert(Protected);
        // The service that was polled ready; its clone may not be.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let session = (!request.method().is_safe()).then(|| Session::<Csrf>::of_request(&request));
        Box::pin(async move {
            if let Some(session) = session {
                match session.await {
                    Ok(session) if is_valid(request.headers().get(HEADER), &session) => {}
                    Ok(_) => return Ok(refusal(StatusCode::FORBIDDEN)),
                    Err(rejection) => return Ok(refusal(rejection.status())),
                }
            }
            inner.call(request).await
        })
    }
}

/// Compares in constant time. A session without a token accepts none.
fn is_valid(presented: Option<&HeaderValue>, session: &Session<Csrf>) -> bool {
    let (Some(presented), Some(token)) = (presented, session.data.token()) else { return false };
    presented.as_bytes().ct_eq(token.as_bytes()).into()
}

fn refusal<B: Default>(status: StatusCode) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = status;
    response
}
