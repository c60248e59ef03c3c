//! Lifetime of sealed sessions and age of their cookies.

use session::CookieStore;

use crate::sealed::site::{Sealed, key, layered, stateless};
use crate::support::handlers::{idle, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, SpyStore, Verb, seconds};

/// Returns `Max-Age` of each cookie of a reply.
fn ages(reply: &Reply) -> Vec<i64> {
    reply.set_cookies().iter().map(|cookie| cookie.max_age().unwrap().whole_seconds()).collect()
}

#[tokio::test]
async fn a_replay_after_the_idle_deadline_is_an_empty_session() {
    let site = stateless();
    let browser = site.ada().await;
    site.clock.advance(std::time::Duration::from_millis(1_799_999));
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");
    site.at(1800);
    assert_eq!(site.name(&browser).await, "nobody");
    site.at(1_000_000);
    assert_eq!(site.name(&browser).await, "nobody");

    let mut browser = browser;
    site.visit(&mut browser, write).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(site.seen(&browser).await, "nobody 0 0 0");
}

#[tokio::test]
async fn a_session_in_steady_use_ends_with_its_lifetime_and_no_copy_outlives_it() {
    let site = layered(|builder| builder.lifetime(seconds(3600)));
    let mut browser = site.ada().await;
    let mut seals = vec![browser.clone()];
    for step in 1..6 {
        site.at(step * 600);
        assert_eq!(site.visit(&mut browser, read).await.body, "ada");
        seals.push(browser.clone());
    }
    site.at(3599);
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");
    site.at(3600);
    for seal in &seals {
        assert_eq!(site.name(seal).await, "nobody");
    }
}

#[tokio::test]
async fn neither_writing_nor_renewing_moves_the_lifetime() {
    let site = layered(|builder| builder.lifetime(seconds(1000)));
    let mut browser = site.ada().await;
    site.at(900);
    site.visit(&mut browser, write).await;
    site.visit(&mut browser, renew).await;
    site.at(999);
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");
    site.at(1000);
    assert_eq!(site.name(&browser).await, "nobody");
}

#[tokio::test]
async fn clocks_may_differ_by_the_skew_and_no_more() {
    let sealed_at = |second| async move {
        let ahead = stateless();
        ahead.at(second);
        ahead.ada().await
    };
    let site = stateless();
    assert_eq!(site.name(&sealed_at(60).await).await, "ada");
    assert_eq!(site.name(&sealed_at(61).await).await, "nobody");
    let store = CookieStore::builder(key(1), "shop").skew(seconds(5)).stateless().unwrap();
    let strict: Sealed = Site::on(SpyStore::over(store), |builder| builder);
    assert_eq!(strict.name(&sealed_at(5).await).await, "ada");
    assert_eq!(strict.name(&sealed_at(6).await).await, "nobody");
}

#[tokio::test]
async fn a_remembered_session_sends_the_browser_its_age() {
    let site = stateless();
    let mut browser = Browser::new();
    let remember = |session: Session| async move {
        session.remember(true);
        session.data.set_name("ada");
    };
    let reply = site.visit(&mut browser, remember).await;
    assert_eq!(ages(&reply), [1800]);
    assert!(reply.attributes().contains(&"Expires=Thu, 01 Jan 2026 00:30:00 GMT"));
    site.at(600);
    let reply = site.visit(&mut browser, read).await;
    assert_eq!(ages(&reply), [1800]);
    assert!(reply.attributes().contains(&"Expires=Thu, 01 Jan 2026 00:40:00 GMT"));
    assert_eq!(site.calls(), [Verb::Create, Verb::Load, Verb::Touch]);

    let forget = |session: Session| async move { session.remember(false) };
    let reply = site.visit(&mut browser, forget).await;
    assert_eq!(reply.set_cookie().max_age(), None);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_persistent_session_gives_every_piece_its_age() {
    let store = CookieStore::builder(key(1), "shop").chunked(4).stateless().unwrap();
    let site: Sealed = Site::on(SpyStore::over(store), |builder| builder.persistent(true));
    let mut browser = Browser::new();
    let fill = |session: Session| async move { session.data.set_notice("x".repeat(10_000)) };
    let reply = site.visit(&mut browser, fill).await;
    assert_eq!(ages(&reply), [1800; 4]);
    site.at(100);
    let reply = site.visit(&mut browser, read).await;
    assert_eq!(ages(&reply), [1800; 4]);
}

#[tokio::test]
async fn rolling_renews_the_age_of_all_chunks_on_every_response() {
    let store = CookieStore::builder(key(1), "shop").chunked(4).stateless().unwrap();
    let site: Sealed = Site::on(SpyStore::over(store), |builder| builder.persistent(true).rolling(true));
    let mut browser = site.holding(10_000).await;
    site.at(10);
    let reply = site.visit(&mut browser, async || "no session is asked for").await;
    assert_eq!(ages(&reply), [1800; 4], "also while a twentieth of the idle timeout has not passed");
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    site.at(1000);
    let reply = site.visit(&mut browser, idle).await;
    assert_eq!(ages(&reply), [1800; 4]);
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    site.at(2799);
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");

    let reply = site.visit(&mut Browser::new(), idle).await;
    assert!(!reply.has_set_cookie(), "nobody's cookie rolls");
}

#[tokio::test]
async fn deadlines_of_a_sessions_own_are_sealed_with_it() {
    let site = stateless();
    let mut browser = site.ada().await;
    let shorten = |session: Session| async move { session.set_idle_timeout(seconds(60)) };
    site.visit(&mut browser, shorten).await.set_cookie();
    site.at(59);
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");
    site.at(60);
    assert_eq!(site.name(&browser).await, "nobody");
}
