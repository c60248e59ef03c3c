//! Visitors who signed in too long ago.

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::any;
use http::Method;
use session::{AccessRejection, Fresh, ReturnTo};

use super::{Session, Visitor, guard, guarded, send_guarded, signed_in, visit};
use crate::support::{Browser, Site, Verb, seconds};

#[tokio::test]
async fn a_visitor_who_signed_in_lately_passes_until_the_time_is_over() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let fresh = || guard().redirect_to("/login").fresh(seconds(300));
    site.at(299);
    assert_eq!(visit(&site, &browser, fresh()).await.body, "Some(7)");
    site.at(300);
    let reply = visit(&site, &browser, fresh()).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (401, None));
    assert!(reply.body.contains("too long ago"), "{}", reply.body);
    assert_eq!(visit(&site, &Browser::new(), fresh()).await.header("location").unwrap(), "/login?next=%2F");
}

#[tokio::test]
async fn the_password_is_asked_for_on_another_page_which_leads_back() {
    let site = Site::new();
    let confirm = async |session: Session, next: ReturnTo| {
        session.authenticated();
        Redirect::to(next.as_str())
    };
    let router = guarded(guard().redirect_to("/login").fresh(seconds(300)).reauthenticate_at("/password"));
    let router = Router::new().route("/password", any(confirm)).fallback_service(router);
    let mut browser = signed_in(&site).await;
    site.at(300);
    browser.uri = "https://example.com/pay?order=1".to_owned();
    let reply = site.serve(&browser, router.clone()).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location").unwrap().as_str()),
        (303, "/password?next=%2Fpay%3Forder%3D1")
    );
    browser.uri = format!("https://example.com{}", reply.header("location").unwrap());
    let reply = site.serve(&browser, router.clone()).await;
    assert_eq!(reply.header("location").unwrap(), "/pay?order=1");
    browser.take_cookies(&reply);
    browser.uri = "https://example.com/pay?order=1".to_owned();
    assert_eq!(site.serve(&browser, router).await.body, "Some(7)");
}

#[tokio::test]
async fn scripts_and_requests_that_cannot_be_repeated_get_401() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    site.at(300);
    let router = || guard().fresh(seconds(300)).reauthenticate_at("/password");
    let script = browser.clone().sending("sec-fetch-mode", "cors");
    assert_eq!(visit(&site, &script, router()).await.status, 401);
    let mut request = browser.request();
    *request.method_mut() = Method::POST;
    assert_eq!(send_guarded(&site, request, router()).await.status, 401);
}

#[tokio::test]
async fn a_guard_that_covers_the_page_that_asks_for_the_password_is_500() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    site.at(300);
    let browser = Browser { uri: "https://example.com/password".to_owned(), ..browser };
    let reply = visit(&site, &browser, guard().fresh(seconds(300)).reauthenticate_at("/password")).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains("covers the page `/password`"), "{}", reply.body);
}

#[tokio::test]
async fn who_may_not_do_it_anyway_is_not_asked_for_the_password() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    site.at(300);
    let guard =
        guard().require(|session| session.data.is_admin()).fresh(seconds(300)).reauthenticate_at("/password");
    assert_eq!(visit(&site, &browser, guard).await.status, 403);
}

#[tokio::test]
async fn the_extractor_requires_a_recent_sign_in() {
    let site = Site::new();
    let mut browser = signed_in(&site).await;
    let pay = async |visitor: Fresh<Visitor, 300>| {
        visitor.data.set_cart(["paid".to_owned()]);
        visitor.principal().to_string()
    };
    assert_eq!(site.visit_as(&Browser::new(), pay).await.status, 401);
    site.at(299);
    site.calls();
    assert_eq!(site.visit_as(&browser, pay).await.body, "7");
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    site.at(300);
    let reply = site.visit_as(&browser, pay).await;
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("too long ago"), "{}", reply.body);
    site.visit(&mut browser, async |session: Session| session.authenticated()).await;
    assert_eq!(site.visit_as(&browser, pay).await.body, "7");
}

#[tokio::test]
async fn an_application_redirects_by_the_reason() {
    let site = Site::new();
    let pay = async |visitor: Result<Fresh<Visitor, 300>, AccessRejection>| -> Response {
        match visitor {
            Ok(visitor) => format!("paid by {}", visitor.into_signed_in().principal()).into_response(),
            Err(AccessRejection::NotFresh) => Redirect::to("/password").into_response(),
            Err(AccessRejection::NotSignedIn) => Redirect::to("/login").into_response(),
            Err(other) => other.into_response(),
        }
    };
    let browser = signed_in(&site).await;
    assert_eq!(site.visit_as(&browser, pay).await.body, "paid by 7");
    assert_eq!(site.visit_as(&Browser::new(), pay).await.header("location").unwrap(), "/login");
    site.at(300);
    assert_eq!(site.visit_as(&browser, pay).await.header("location").unwrap(), "/password");
    site.store.break_down(Verb::Load);
    assert_eq!(site.visit_as(&browser, pay).await.status, 503);
}

#[tokio::test]
async fn as_an_option_it_is_none_for_strangers_and_for_visitors_who_signed_in_long_ago() {
    let site = Site::new();
    let browser = signed_in(&site).await;
    let handler = async |visitor: Option<Fresh<Visitor, 300>>| visitor.is_some().to_string();
    assert_eq!(site.visit_as(&browser, handler).await.body, "true");
    assert_eq!(site.visit_as(&Browser::new(), handler).await.body, "false");
    site.at(300);
    assert_eq!(site.visit_as(&browser, handler).await.body, "false");
}
