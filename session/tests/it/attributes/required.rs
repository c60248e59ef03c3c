//! The attribute `required`.

use std::pin::Pin;

use actix_web::error::ErrorUnauthorized;
use http::StatusCode;
use session::{Databag, Store};

use super::{on_each_server, on_each_store};
use crate::support::{Arguments, Browser, Handler, Reply, Site, Verb};

/// The application.
#[derive(Databag)]
pub(super) struct Account {
    #[databag(principal)]
    user: Option<String>,
    /// Whether the second factor is yet to be given. Its default would grant access.
    #[databag(required)]
    pending: bool,
    theme: String,
}

/// The previous version, without a second factor.
#[derive(Databag)]
pub(super) struct Before {
    #[databag(principal)]
    user: Option<String>,
    theme: String,
}

/// A version with another type of the field.
#[derive(Databag)]
pub(super) struct Other {
    #[databag(principal)]
    user: Option<String>,
    pending: String,
}

/// The same in two databags.
#[derive(Databag)]
struct Auth {
    #[databag(principal)]
    user: Option<String>,
}

#[derive(Databag)]
pub(super) struct SecondFactor {
    #[databag(required)]
    pending: bool,
}

type Session<T = Account> = session::Session<T>;

async fn before(session: Session<Before>) {
    session.data.set_user("ada");
}

async fn signed_in(session: Session) {
    session.data.set_user("ada");
    session.data.set_pending(false);
    session.data.set_theme("dark");
}

async fn user(session: Session) -> String {
    format!("{} {}", session.data.user().unwrap_or_else(|| "nobody".into()), session.is_new())
}

async fn browser<S: Store, Args: Arguments>(site: &Site<S>, handler: impl Handler<Args>) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, handler).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

/// Asserts that there was one warning, about this databag.
#[track_caller]
pub(super) fn assert_warned<S>(site: &Site<S>, databag: &str) {
    let warnings = site.warnings.take();
    let sentence = "required field `pending` is missing in a session, which counts as none, in databag `";
    let is_ours =
        |warning: &String| warning.starts_with(sentence) && warning.ends_with(&format!("::{databag}`"));
    assert!(warnings.len() == 1 && warnings.iter().all(is_ours), "{warnings:?}");
}

#[tokio::test]
async fn a_session_from_before_the_field_was_required_is_none() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = browser(&site, before).await;
        let reply = site.visit(&mut browser, user).await;
        assert_eq!(reply.body, "nobody true");
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_warned(&site, "Account");
        assert!(site.errors.take().is_empty());
        // The previous version may run concurrently.
        let beside = |session: Session<Before>| async move { session.data.user().unwrap() };
        assert_eq!(site.visit(&mut browser, beside).await.body, "ada");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_session_whose_required_field_cannot_be_read_is_none() {
    async fn on<S: Store>(site: Site<S>) {
        let other = |session: Session<Other>| async move {
            session.data.set_user("ada");
            session.data.set_pending("yes");
        };
        let mut browser = browser(&site, other).await;
        assert_eq!(site.visit(&mut browser, user).await.body, "nobody true");
        let warnings = site.warnings.take();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].starts_with("required field `pending` cannot be read in a session"),
            "{warnings:?}"
        );
        assert!(!warnings[0].contains("yes"), "{warnings:?}");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_is_written_then_starts_a_session_of_its_own_and_leaves_the_old_one_alone() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = browser(&site, before).await;
        let old = browser.clone();
        let stored = site.stored(&old).await.unwrap();
        let write = |session: Session| async move { session.data.set_theme("dark") };
        site.visit(&mut browser, write).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
        assert_ne!(browser.token(), old.token());
        assert_eq!(site.stored(&old).await.unwrap(), stored);
        assert_eq!(site.fields(&browser).await, ["theme"]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn renewing_it_starts_a_new_one_and_destroying_it_has_the_client_forget_it() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = browser(&site, before).await;
        let old = browser.clone();
        let renew = |session: Session| async move { session.renew() };
        site.visit_as(&browser, renew).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
        let destroy = |session: Session| async move { session.destroy() };
        assert!(site.visit(&mut browser, destroy).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert!(browser.cookies.is_empty());
        assert!(site.stored(&old).await.is_some());
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_session_of_nobody_needs_no_such_field() {
    async fn on<S: Store>(site: Site<S>) {
        let theme = |session: Session| async move { session.data.set_theme("dark") };
        let mut browser = browser(&site, theme).await;
        assert_eq!(site.visit(&mut browser, user).await.body, "nobody false");
        assert!(site.warnings.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_field_that_was_set_to_its_default_when_signing_in_is_there() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = browser(&site, signed_in).await;
        assert_eq!(site.visit(&mut browser, user).await.body, "ada false");
        assert_eq!(site.calls(), [Verb::Load]);
        let sign_out = |session: Session| async move {
            session.data.clear_user();
            session.data.set_theme("light");
        };
        site.visit(&mut browser, sign_out).await.set_cookie();
        assert_eq!(site.visit(&mut browser, user).await.body, "nobody false");
        assert!(site.warnings.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_sign_in_that_forgets_the_field_lets_nobody_in() {
    async fn on<S: Store>(site: Site<S>) {
        let forget = |session: Session| async move { session.data.set_user("ada") };
        let mut browser = browser(&site, forget).await;
        assert_eq!(site.visit(&mut browser, user).await.body, "nobody true");
        assert_warned(&site, "Account");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn databags_that_nobody_used_yet_are_of_no_session_either() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = browser(&site, before).await;
        let both = |auth: Session<Auth>, factor: Session<SecondFactor>| async move {
            assert!(auth.is_new() && !factor.data.pending());
            auth.data.user().unwrap_or_else(|| "nobody".into())
        };
        let reply = site.visit(&mut browser, both).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"));
        assert_warned(&site, "SecondFactor");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_handler_behind_a_guard_that_let_the_user_in_does_not_run_and_the_session_ends() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = browser(&site, before).await;
        let old = browser.clone();
        let reply: Reply = site.visit(&mut browser, guarded).await;
        assert_eq!(reply.status, 500);
        assert!(reply.set_cookie().value().is_empty());
        assert_warned(&site, "SecondFactor");
        let errors = site.errors.take();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("lacks the field `pending`"), "{errors:?}");
        assert!(site.stored(&old).await.is_none());
        assert_eq!(site.visit(&mut browser, user).await.body, "nobody true");
    }
    /// An extractor that reads the user before another one extracts the second factor.
    async fn guarded(_: Guard, _: Session<SecondFactor>) -> StatusCode {
        panic!("the handler must not run")
    }
    on_each_server!(on);
}

struct Guard;

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Guard {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self, StatusCode> {
        let auth = Session::<Auth>::from_request_parts(parts, state).await;
        let user = auth.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.data.user();
        user.map(|_| Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl actix_web::FromRequest for Guard {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let auth = Session::<Auth>::extract(request);
        Box::pin(async { auth.await?.data.user().map(|_| Self).ok_or_else(|| ErrorUnauthorized("sign in")) })
    }
}

#[tokio::test]
async fn a_required_principal_that_cannot_be_read_leaves_no_session() {
    #[derive(Databag)]
    struct Numbered {
        #[databag(principal, required)]
        user: Option<u64>,
        theme: String,
    }
    let site = Site::new();
    let mut browser = browser(&site, before).await;
    let user = |session: Session<Numbered>| async move {
        session.data.clear_user();
        format!("{:?} {} {}", session.data.user(), session.data.theme(), session.is_new())
    };
    assert_eq!(site.visit(&mut browser, user).await.body, "None  true");
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.warnings.take().len(), 1);
}
