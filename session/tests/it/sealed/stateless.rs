//! Documented limits of a stateless store.

use crate::sealed::site::stateless;
use crate::support::handlers::{destroy, renew, write};
use crate::support::{Browser, Session, Verb};

#[tokio::test]
async fn destroying_makes_the_browser_forget_but_a_copy_still_opens() {
    let site = stateless();
    let mut browser = site.ada().await;
    let copy = browser.clone();
    let reply = site.visit(&mut browser, destroy).await;
    assert_eq!(
        reply.attributes(),
        [
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "HttpOnly",
            "Max-Age=0",
            "Path=/",
            "SameSite=Lax",
            "Secure"
        ]
    );
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert!(browser.cookies.is_empty());
    assert_eq!(site.name(&copy).await, "ada");
    site.at(1800);
    assert_eq!(site.name(&copy).await, "nobody");
}

#[tokio::test]
async fn renewing_gives_another_token_and_a_copy_of_the_old_one_still_opens() {
    let site = stateless();
    let mut browser = site.ada().await;
    let copy = browser.clone();
    site.visit(&mut browser, renew).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_ne!(browser.token(), copy.token());
    assert_eq!(site.name(&browser).await, "ada");
    assert_eq!(site.name(&copy).await, "ada");
}

#[tokio::test]
async fn an_older_copy_brings_the_older_state_back() {
    let site = stateless();
    let mut browser = site.ada().await;
    let copy = browser.clone();
    let rename = |session: Session| async move { session.data.set_name("eve") };
    site.visit(&mut browser, rename).await;
    assert_eq!(site.name(&browser).await, "eve");
    assert_eq!(site.name(&copy).await, "ada");
}

#[tokio::test]
async fn destroying_and_setting_starts_a_session_that_has_nothing_of_the_old_one() {
    let site = stateless();
    let mut browser = site.ada().await;
    let replace = |session: Session| async move {
        session.destroy();
        session.data.set_a(7u32);
    };
    site.visit(&mut browser, replace).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
    assert_eq!(site.seen(&browser).await, "nobody 7 0 0");
}

#[tokio::test]
async fn destroying_without_a_session_sends_the_browser_nothing() {
    let site = stateless();
    assert!(!site.visit(&mut Browser::new(), destroy).await.has_set_cookie());
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            write(session.clone()).await;
            session.destroy();
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
}
