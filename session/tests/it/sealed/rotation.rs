//! Key rotation without logging users out.

use std::sync::Arc;

use session::CookieStore;

use crate::sealed::site::{FailingRevocations, Sealed, ring, sealing};
use crate::support::handlers::{destroy, idle, read, write};
use crate::support::{Site, SpyStore, Verb};

/// Creates a site that seals with the first of these keys and opens with all.
fn keyed(seeds: &[u64]) -> Sealed {
    sealing(CookieStore::builder(ring(seeds), "shop"))
}

#[tokio::test]
async fn what_an_old_key_sealed_opens_and_is_sealed_anew_by_a_request_that_only_reads() {
    let mut browser = keyed(&[1]).ada().await;
    let old = browser.clone();
    let both = keyed(&[2, 1]);
    let reply = both.visit(&mut browser, read).await;
    assert_eq!(reply.body, "ada");
    assert_eq!(reply.attributes(), ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(both.calls(), [Verb::Load, Verb::Touch]);

    assert!(!both.visit(&mut browser, read).await.has_set_cookie(), "once is enough");
    assert_eq!(both.calls(), [Verb::Load]);
    let new = keyed(&[2]);
    assert_eq!(new.name(&browser).await, "ada");
    assert_eq!(new.name(&old).await, "nobody");
    assert_eq!(keyed(&[1]).name(&browser).await, "nobody");
}

#[tokio::test]
async fn a_write_seals_with_the_present_key_at_once() {
    let mut browser = keyed(&[1]).ada().await;
    let both = keyed(&[2, 1]);
    both.visit(&mut browser, write).await.set_cookie();
    assert_eq!(both.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(keyed(&[2]).name(&browser).await, "ada");
}

#[tokio::test]
async fn sealing_anew_is_no_use_of_the_session() {
    let mut browser = keyed(&[1]).ada().await;
    let both = keyed(&[2, 1]);
    both.at(1000);
    both.visit(&mut browser, idle).await.set_cookie();
    assert_eq!(both.calls(), [Verb::Load, Verb::Touch]);
    both.at(1800);
    assert_eq!(both.name(&browser).await, "nobody");
}

#[tokio::test]
async fn a_request_that_uses_no_session_seals_nothing_anew() {
    let mut browser = keyed(&[1]).ada().await;
    let both = keyed(&[2, 1]);
    assert!(!both.visit(&mut browser, async || ()).await.has_set_cookie());
    assert_eq!(both.calls(), []);
}

#[tokio::test]
async fn ending_a_session_that_an_old_key_sealed_only_ends_it() {
    let mut browser = keyed(&[1]).ada().await;
    let both = keyed(&[2, 1]);
    assert_eq!(both.visit(&mut browser, destroy).await.set_cookie().value(), "");
    assert_eq!(both.calls(), [Verb::Load, Verb::Destroy]);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_cookie_of_a_key_that_left_the_ring_is_an_empty_session() {
    let mut browser = keyed(&[1]).ada().await;
    let new = keyed(&[2]);
    assert_eq!(new.name(&browser).await, "nobody");
    new.visit(&mut browser, write).await.set_cookie();
    assert_eq!(new.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(new.seen(&browser).await, "nobody 0 0 0");
}

#[tokio::test]
async fn a_node_that_knows_the_new_key_but_still_seals_with_the_old_one_opens_both() {
    let (old, new) = (keyed(&[1, 2]), keyed(&[2, 1]));
    let mut browser = old.ada().await;
    new.visit(&mut browser, read).await.set_cookie();
    assert_eq!(old.visit(&mut browser, read).await.body, "ada");
    assert_eq!(new.visit(&mut browser, read).await.body, "ada");
}

#[tokio::test]
async fn what_was_ended_stays_ended_under_a_new_key() {
    let list = Arc::new(FailingRevocations::default());
    let site = |seeds: &[u64]| -> Sealed {
        let store = CookieStore::builder(ring(seeds), "shop").revocable(Arc::clone(&list)).unwrap();
        Site::on(SpyStore::over(store), |builder| builder)
    };
    let (old, both) = (site(&[1]), site(&[2, 1]));
    let browser = old.ada().await;
    old.visit(&mut browser.clone(), destroy).await;
    old.calls();
    assert_eq!(both.name(&browser).await, "nobody");

    let mut browser = old.ada().await;
    let stale = browser.clone();
    both.visit(&mut browser, read).await.set_cookie();
    assert_eq!(both.name(&browser).await, "ada");
    both.visit(&mut browser.clone(), destroy).await;
    for browser in [stale, browser] {
        assert_eq!(both.name(&browser).await, "nobody");
    }
}
