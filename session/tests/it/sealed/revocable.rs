//! Revocation for all sites that share a list.

use std::sync::Arc;
use std::time::Duration;

use session::{CookieStore, MemoryStore};

use crate::sealed::site::{FailingRevocations, Sealed, key, revocable};
use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Session, Site, SpyStore, Verb};

/// Two sites that share only a list and the key.
fn nodes() -> (Sealed, Sealed) {
    let list = Arc::new(FailingRevocations::default());
    (revocable(&list), revocable(&list))
}

#[tokio::test]
async fn a_destroyed_session_is_refused_by_every_site_at_once() {
    let (a, b) = nodes();
    let mut browser = a.ada().await;
    let copy = browser.clone();
    assert_eq!(b.name(&copy).await, "ada");
    assert_eq!(a.visit(&mut browser, destroy).await.set_cookie().value(), "");
    for site in [&a, &b] {
        assert_eq!(site.name(&copy).await, "nobody");
    }
    let mut thief = copy.clone();
    b.visit(&mut thief, write).await.set_cookie();
    assert_eq!(b.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(b.seen(&thief).await, "nobody 0 0 0");
}

#[tokio::test]
async fn a_renewed_session_is_refused_under_its_old_token_by_every_site_at_once() {
    let (a, b) = nodes();
    let mut browser = a.ada().await;
    let copy = browser.clone();
    a.visit(&mut browser, renew).await.set_cookie();
    for site in [&a, &b] {
        assert_eq!(site.name(&copy).await, "nobody");
        assert_eq!(site.name(&browser).await, "ada");
    }
}

#[tokio::test]
async fn every_earlier_seal_dies_with_its_session() {
    let (a, b) = nodes();
    let mut browser = a.ada().await;
    let mut seals = vec![browser.clone()];
    for _ in 0..3 {
        a.visit(&mut browser, write).await;
        seals.push(browser.clone());
    }
    a.at(1000);
    a.visit(&mut browser, read).await.set_cookie();
    seals.push(browser.clone());
    a.visit(&mut browser, destroy).await;
    for seal in &seals {
        assert_eq!(b.name(seal).await, "nobody");
    }
}

#[tokio::test]
async fn an_older_state_is_refused_once_the_overlap_is_over() {
    let (a, b) = nodes();
    let mut browser = a.ada().await;
    let copy = browser.clone();
    let rename = |session: Session| async move { session.data.set_name("eve") };
    a.visit(&mut browser, rename).await;
    b.at(9);
    assert_eq!(b.name(&copy).await, "ada", "a request may be under way with it");
    b.at(10);
    assert_eq!(b.name(&copy).await, "nobody");
    assert_eq!(b.name(&browser).await, "eve");
}

#[tokio::test]
async fn without_an_overlap_an_older_state_is_refused_at_once() {
    let store =
        CookieStore::builder(key(1), "shop").overlap(Duration::ZERO).revocable(MemoryStore::new()).unwrap();
    let site: Sealed = Site::on(SpyStore::over(store), |builder| builder);
    let mut browser = site.ada().await;
    let copy = browser.clone();
    site.visit(&mut browser, write).await;
    assert_eq!(site.name(&copy).await, "nobody");
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_memory_store_serves_as_the_list_of_all_its_clones() {
    let list = MemoryStore::new();
    let site = || -> Sealed {
        let store = CookieStore::builder(key(1), "shop").revocable(list.clone()).unwrap();
        Site::on(SpyStore::over(store), |builder| builder)
    };
    let (a, b) = (site(), site());
    let mut browser = a.ada().await;
    let copy = browser.clone();
    a.visit(&mut browser, destroy).await;
    assert_eq!(b.name(&copy).await, "nobody");
    assert_eq!(list.len(), 0, "the session itself is nowhere but in the cookie");
}

#[tokio::test]
async fn a_write_to_a_session_destroyed_meanwhile_brings_no_cookie() {
    let (a, b) = nodes();
    let browser = a.ada().await;
    let writer = a.open(&browser).await;
    writer.session.data.set_name("eve");
    b.visit(&mut browser.clone(), destroy).await;
    let reply = writer.respond(200).await;
    assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (200, false));
    assert_eq!(a.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(a.gone.take().len(), 1);
    assert!(a.errors.take().is_empty());
    assert_eq!(a.name(&browser).await, "nobody");
}

#[tokio::test]
async fn a_write_to_a_session_renewed_meanwhile_brings_no_cookie_and_spoils_nothing() {
    let (a, b) = nodes();
    let mut browser = a.ada().await;
    let writer = a.open(&browser).await;
    writer.session.data.set_name("eve");
    b.visit(&mut browser, renew).await;
    assert!(!writer.respond(200).await.has_set_cookie());
    assert_eq!(a.gone.take().len(), 1);
    assert_eq!(a.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_touch_of_a_session_destroyed_meanwhile_brings_no_cookie() {
    let (a, b) = nodes();
    let browser = a.ada().await;
    a.at(1000);
    let reader = a.open(&browser).await;
    assert_eq!(reader.session.data.name(), "ada");
    b.visit(&mut browser.clone(), destroy).await;
    assert!(!reader.respond(200).await.has_set_cookie());
    assert_eq!(a.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(a.gone.take().len(), 1);
}

#[tokio::test]
async fn of_two_renewals_in_flight_one_wins() {
    let (a, b) = nodes();
    let mut browser = a.ada().await;
    let (first, second) = (a.open(&browser).await, b.open(&browser).await);
    first.session.renew();
    second.session.renew();
    browser.take_cookies(&first.respond(200).await);
    assert!(!second.respond(200).await.has_set_cookie());
    assert_eq!(b.gone.take().len(), 1);
    assert_eq!(b.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_strict_site_answers_409_to_a_write_that_came_too_late() {
    let list = Arc::new(FailingRevocations::default());
    let store = CookieStore::builder(key(1), "shop").revocable(Arc::clone(&list)).unwrap();
    let strict: Sealed = Site::on(SpyStore::over(store), |builder| builder.strict(true));
    let browser = strict.ada().await;
    let writer = strict.open(&browser).await;
    writer.session.data.set_name("eve");
    revocable(&list).visit(&mut browser.clone(), destroy).await;
    let reply = writer.respond(200).await;
    assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (409, false));
}

#[tokio::test]
async fn another_browser_of_the_same_user_is_not_concerned() {
    let (a, _) = nodes();
    let (mut phone, laptop) = (a.ada().await, a.ada().await);
    a.visit(&mut phone, destroy).await;
    assert_eq!(a.name(&laptop).await, "ada");
}
