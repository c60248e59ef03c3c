//! Combinations of attributes in one field or in one request.

use session::{Databag, SessionManager, Store};

use super::account::managed;
use super::on_each_server;
use crate::support::{Browser, Site, Verb};

/// A databag in which all fields but one are `keep`.
#[derive(Databag)]
struct Kept {
    #[databag(keep, principal, alias = "uid")]
    user: u64,
    #[databag(keep, index)]
    device: Option<String>,
    #[databag(keep, flash, ttl = "10m")]
    notice: Option<String>,
    #[databag(keep, counter)]
    visits: u32,
    #[databag(keep, cas)]
    step: u8,
    #[databag(keep, ttl = "10m")]
    code: Option<String>,
    dropped: String,
}

/// The same fields without attributes.
#[derive(Databag)]
struct Plain {
    uid: u64,
    dropped: String,
}

type Session = session::Session<Kept>;

/// Creates a manager and a site that share a store, for any databag.
fn kept() -> (SessionManager<Kept>, Site) {
    let site = Site::new();
    let manager = SessionManager::builder(site.store.clone()).clock(&site.clock).build().unwrap();
    (manager, site)
}

async fn fill(session: Session) {
    session.data.set_user(7);
    session.data.set_device("phone");
    session.data.set_notice("saved");
    session.data.set_visits(7);
    session.data.set_step(1);
    session.data.set_code("274 301");
    session.data.set_dropped("f00");
}

async fn start_over(session: Session) {
    session.renew_and_clear();
}

async fn seen(session: Session) -> String {
    let data = &session.data;
    let (device, notice) = (data.device().unwrap_or_default(), data.take_notice().unwrap_or_default());
    let code = data.code().unwrap_or_default();
    format!("{} {device} {notice} {} {} {code}|{}", data.user(), data.visits(), data.step(), data.dropped())
}

async fn with_every_field<S: Store>(site: &Site<S>) -> Browser {
    let mut browser = Browser::new();
    site.visit(&mut browser, fill).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

#[tokio::test]
async fn kept_fields_keep_their_meaning_when_the_session_starts_over() {
    let (manager, site) = kept();
    let mut browser = with_every_field(&site).await;
    site.at(300);
    site.visit(&mut browser, start_over).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.fields(&browser).await, ["code", "device", "notice", "step", "user", "visits"]);
    assert_eq!(manager.sessions_of(&7).await.unwrap().len(), 1);
    assert_eq!(manager.sessions_where(|of| of.set_device("phone")).await.unwrap().len(), 1);
    site.at(599);
    assert_eq!(site.visit_as(&browser, seen).await.body, "7 phone saved 7 1 274 301|");
    site.at(600);
    assert_eq!(site.visit_as(&browser, seen).await.body, "7 phone  7 1 |");
}

#[tokio::test]
async fn what_was_changed_in_kept_fields_before_starting_over_is_written_with_it() {
    let (manager, site) = kept();
    let mut browser = with_every_field(&site).await;
    let adder = site.open_as::<Kept>(&browser).await;
    let over = |session: Session| async move {
        session.data.set_user(8);
        session.data.set_notice("again");
        session.data.add_visits(1);
        session.data.update_step(|step| *step += 1);
        session.renew_and_clear();
        session.data.add_visits(1);
    };
    adder.session.data.add_visits(10);
    adder.respond(200).await;
    site.visit(&mut browser, over).await.set_cookie();
    assert_eq!(site.visit(&mut browser, seen).await.body, "8 phone again 19 2 274 301|");
    assert!(manager.sessions_of(&7).await.unwrap().is_empty());
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn starting_over_beside_a_conflict_drops_nothing_and_renews_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let (winner, loser) = (site.open_as::<Kept>(&browser).await, site.open_as::<Kept>(&browser).await);
        winner.session.data.set_step(2);
        winner.respond(200).await;
        loser.session.data.set_step(3);
        loser.session.renew_and_clear();
        let reply = loser.respond(200).await;
        assert_eq!(reply.status, 409);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.errors.take().len(), 1);
        assert_eq!(site.visit(&mut browser, seen).await.body, "7 phone saved 7 2 274 301|f00");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn keeping_a_message_does_not_prolong_its_time() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        site.at(599);
        let keep = |session: Session| async move {
            assert_eq!(session.data.take_notice().as_deref(), Some("saved"));
            session.data.keep_notice();
            session.data.set_dropped("ba2");
        };
        assert_eq!(site.visit(&mut browser, keep).await.status, 200);
        site.at(600);
        assert_eq!(site.visit(&mut browser, seen).await.body, "7 phone  7 1 |ba2");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_saved_explicitly_is_still_not_shown_to_the_request_that_set_it() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = Browser::new();
        let save = |session: Session| async move {
            session.data.set_notice("saved");
            session.save().await.unwrap();
            session.data.take_notice().unwrap_or_default()
        };
        assert_eq!(site.visit(&mut browser, save).await.body, "");
        assert_eq!(site.visit(&mut browser, seen).await.body, "0  saved 0 0 |");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_kept_after_its_removal_was_saved_is_shown_once_more() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let keep = |session: Session| async move {
            session.data.take_notice();
            session.save().await.unwrap();
            session.data.keep_notice();
        };
        site.visit(&mut browser, keep).await;
        assert_eq!(site.visit(&mut browser, seen).await.body, "7 phone saved 7 1 274 301|f00");
        assert_eq!(site.visit(&mut browser, seen).await.body, "7 phone  7 1 274 301|f00");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_principal_stored_under_a_former_name_is_the_same_until_another_is_set() {
    let (manager, site) = kept();
    let mut browser = Browser::new();
    let plain = |session: session::Session<Plain>| async move { session.data.set_uid(7) };
    site.visit(&mut browser, plain).await.set_cookie();
    let same = |session: Session| async move { session.data.set_user(7) };
    assert!(!site.visit(&mut browser, same).await.has_set_cookie());
    let before = browser.clone();
    let other = |session: Session| async move { session.data.set_user(8) };
    site.visit(&mut browser, other).await.set_cookie();
    assert!(site.stored(&before).await.is_none());
    assert_eq!(manager.sessions_of(&8).await.unwrap().len(), 1);
    let leave = |session: Session| async move { session.data.clear_user() };
    site.visit(&mut browser, leave).await.set_cookie();
    assert_eq!(site.fields(&browser).await, [""; 0]);
}

#[tokio::test]
async fn a_session_that_another_application_cleared_belongs_to_nobody() {
    let (manager, site) = kept();
    let mut browser = with_every_field(&site).await;
    let clear = |session: session::Session<Plain>| async move { session.clear() };
    assert_eq!(site.visit(&mut browser, clear).await.status, 200);
    assert!(manager.sessions_of(&7).await.unwrap().is_empty());
    assert!(manager.sessions_where(|of| of.set_device("phone")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_principal_given_with_the_whole_databag_is_found() {
    let (manager, site) = kept();
    let session = manager.create_with(Kept { user: 7, ..Kept::default() }).await.unwrap();
    let listed = manager.sessions_of(&7).await.unwrap();
    assert_eq!(listed[0].meta.id, session.id().unwrap());
    assert_eq!(site.calls(), [Verb::Create]);
}

#[tokio::test]
async fn signing_in_saves_what_was_counted_and_shown_and_expired_in_the_same_step() {
    let (manager, site) = managed();
    let fill = |session: &super::account::Session| {
        session.data.set_notice("saved");
        session.data.set_visits(1);
        session.data.set_step(1);
        session.data.set_code("274 301");
    };
    let mut browser = site.account(fill).await;
    site.at(600);
    let login = |session: &super::account::Session| {
        session.data.set_user("ada");
        session.data.add_visits(1);
        session.data.update_step(|step| *step += 1);
        session.data.take_notice().unwrap()
    };
    assert_eq!(site.request(&mut browser, login).await.body, "saved");
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.fields(&browser).await, ["step", "user", "visits"]);
    let listed = manager.sessions_of("ada").await.unwrap();
    assert_eq!((listed[0].labels.visits, listed[0].labels.step), (2, 2));
}
