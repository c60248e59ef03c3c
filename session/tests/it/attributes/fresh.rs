//! Freshness of the authentication: `Session::is_fresh`.

use std::time::Duration;

use session::{Databag, Meta, Record, Store, Timestamp};

use super::account::{Session, managed};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site, T0, seconds};

/// Another library's databag in the same session.
#[derive(Databag)]
#[databag(namespace = "library")]
struct Library {
    pages: u32,
}

/// Returns whether the authentication is fresh, within these seconds.
async fn is_fresh<S: Store>(site: &Site<S>, browser: &mut Browser, within: u64) -> bool {
    site.request(browser, move |session| session.is_fresh(seconds(within)).to_string()).await.body == "true"
}

#[tokio::test]
async fn whoever_signed_in_is_fresh_for_so_long_and_not_a_moment_longer() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        site.clock.advance(Duration::from_millis(299_999));
        assert!(is_fresh(&site, &mut browser, 300).await);
        site.clock.advance(Duration::from_millis(1));
        assert!(!is_fresh(&site, &mut browser, 300).await);
        assert!(is_fresh(&site, &mut browser, 301).await);
        site.request(&mut browser, Session::authenticated).await.set_cookie();
        assert!(is_fresh(&site, &mut browser, 300).await);
        assert!(!is_fresh(&site, &mut browser, 0).await);
        site.request(&mut browser, Session::renew).await.set_cookie();
        site.at(700);
        assert!(!is_fresh(&site, &mut browser, 400).await, "renewing authenticates nobody");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn nobody_is_fresh() {
    let site = Site::new();
    let mut anonymous = site.account(|session| session.data.set_csrf("f00")).await;
    assert!(!is_fresh(&site, &mut anonymous, u64::MAX).await);
    assert!(!is_fresh(&site, &mut Browser::new(), u64::MAX).await);
}

#[tokio::test]
async fn a_request_sees_its_own_sign_in_authentication_and_sign_out_at_once() {
    let (manager, site) = managed();
    let session = manager.create().await.unwrap();
    let day = seconds(86_400);
    session.data.set_user("ada");
    assert!(session.is_fresh(seconds(1)));
    session.save().await.unwrap();
    site.at(600);
    assert!(session.is_fresh(day) && !session.is_fresh(seconds(1)));
    session.authenticated();
    assert!(session.is_fresh(seconds(1)));
    session.data.clear_user();
    assert!(!session.is_fresh(day));
    session.data.set_user("ada");
    assert!(session.is_fresh(day));
    session.save().await.unwrap();
    session.data.set_user("eve");
    session.destroy();
    assert!(!session.is_fresh(day));
}

#[tokio::test]
async fn a_databag_without_the_principal_sees_it_too() {
    let site = Site::new();
    let mut browser = site.account(|session| session.data.set_user("ada")).await;
    let guard = |session: session::Session<Library>| async move {
        session.data.set_pages(1u32);
        session.authenticated();
        session.is_fresh(seconds(60)).to_string()
    };
    site.at(600);
    assert_eq!(site.visit(&mut browser, guard).await.body, "true");
    assert!(is_fresh(&site, &mut browser, 60).await);
}

#[tokio::test]
async fn a_time_ahead_of_the_clock_is_fresh_within_a_minute_and_never_beyond() {
    for (ahead, expected) in [(0, true), (60_000, true), (60_001, false), (u64::MAX - T0.as_millis(), false)]
    {
        let (manager, site) = managed();
        let session = manager.create().await.unwrap();
        session.data.set_user("ada");
        session.save().await.unwrap();
        let record = manager_record(&site).await;
        let authenticated_at = Some(Timestamp::from_millis(T0.as_millis() + ahead));
        let record = record.with_meta(Meta { authenticated_at, ..record.meta() });
        let token = site.store.inner.create(&record, T0).await.unwrap();
        let session = manager.get(&token).await.unwrap();
        assert_eq!(session.is_fresh(seconds(5)), expected, "{ahead} milliseconds ahead");
    }
}

async fn manager_record(site: &Site) -> Record {
    site.store.inner.list(None, 1, T0).await.unwrap().records.remove(0)
}
