//! The idle timeout of sessions without a principal.

use std::time::Duration;

use session::{Builder, ConfigError, Databag, MemoryStore, SessionLayer, SessionManager};

use super::account::{Account, Session, managed_with};
use super::on_each_managed;
use crate::support::seconds;

const DAY: u64 = 24 * 60 * 60;

/// Returns the idle timeout of a session, and its idle deadline in seconds after a point in time.
fn idle(session: &Session, start: session::Timestamp) -> (u64, u64) {
    let meta = session.meta().unwrap();
    (meta.idle_timeout.as_secs(), meta.idle_deadline.since(start).as_secs())
}

fn short(builder: Builder<SessionManager<Account>>) -> Builder<SessionManager<Account>> {
    builder.anonymous_idle_timeout(seconds(60))
}

#[tokio::test]
async fn a_session_without_a_principal_idles_out_sooner_and_signing_in_and_out_changes_that() {
    on_each_managed!(short, |manager, site| {
        let session = manager.create().await.unwrap();
        assert_eq!(idle(&session, site.start), (60, 60));
        site.at(30);
        session.data.set_csrf("f00");
        session.save().await.unwrap();
        assert_eq!(idle(&session, site.start), (60, 90), "use moves its own timeout");
        session.data.set_user("ada");
        assert_eq!(idle(&session, site.start), (1800, 1830), "shown before it is stored");
        session.save().await.unwrap();
        assert_eq!(idle(&session, site.start), (1800, 1830));
        site.at(1000);
        session.authenticated();
        session.save().await.unwrap();
        assert_eq!(idle(&session, site.start), (1800, 2800));
        session.data.clear_user();
        session.save().await.unwrap();
        assert_eq!(idle(&session, site.start), (60, 1060));
        let token = session.token().unwrap();
        site.at(1060);
        assert!(manager.find(&token).await.unwrap().is_none());
    });
}

#[tokio::test]
async fn a_session_that_begins_by_signing_in_and_one_whose_principal_changes_have_the_usual_timeout() {
    let (manager, site) = managed_with(short);
    let mut browser = site.account(|session| session.data.set_user("ada")).await;
    assert_eq!(site.stored(&browser).await.unwrap().meta().idle_timeout, seconds(1800));
    site.request(&mut browser, |session| session.data.set_user("eve")).await.set_cookie();
    assert_eq!(site.stored(&browser).await.unwrap().meta().idle_timeout, seconds(1800));
    assert_eq!(manager.sessions_of("eve").await.unwrap().len(), 1);
}

#[tokio::test]
async fn deadlines_that_a_request_sets_come_before_both_and_a_reset_goes_back_to_what_is_due() {
    let (manager, site) = managed_with(short);
    let session = manager.create().await.unwrap();
    session.set_idle_timeout(seconds(7 * DAY));
    session.save().await.unwrap();
    session.data.set_user("ada");
    session.save().await.unwrap();
    assert_eq!(idle(&session, site.start).0, 7 * DAY, "its own, and not that of anonymous sessions");
    session.reset_deadlines();
    session.save().await.unwrap();
    assert_eq!(idle(&session, site.start).0, 1800);
    session.data.clear_user();
    session.set_idle_timeout(seconds(90));
    session.save().await.unwrap();
    assert_eq!(idle(&session, site.start).0, 90);
    session.reset_deadlines();
    session.save().await.unwrap();
    assert_eq!(idle(&session, site.start).0, 60);
}

#[tokio::test]
async fn it_may_be_longer_than_that_of_sessions_with_a_principal() {
    let (manager, site) = managed_with(|builder| builder.anonymous_idle_timeout(seconds(3 * DAY)));
    let session = manager.create().await.unwrap();
    assert_eq!(idle(&session, site.start).0, 3 * DAY);
    session.data.set_user("ada");
    session.save().await.unwrap();
    assert_eq!(idle(&session, site.start).0, 1800);
}

#[derive(Databag)]
struct Plain {
    pages: u32,
}

#[tokio::test]
async fn a_databag_without_a_principal_has_anonymous_sessions_only() {
    let builder = SessionManager::<Plain>::builder(MemoryStore::new());
    let manager = builder.anonymous_idle_timeout(seconds(60)).build().unwrap();
    let session = manager.create().await.unwrap();
    assert_eq!(session.meta().unwrap().idle_timeout, seconds(60));
}

#[test]
fn a_timeout_of_zero_is_refused() {
    let builder = SessionLayer::builder(MemoryStore::new()).anonymous_idle_timeout(Duration::ZERO);
    assert_eq!(builder.build().unwrap_err(), ConfigError::NoIdleTimeout);
}
