//! `ClientChange::End`.

use session::{ClientChange, Store};

use super::{AGENT, OTHER_AGENT, Session, client, listening, sign_in, signed_in, site, user};
use crate::support::{Browser, Log, Site, Verb};

#[tokio::test]
async fn it_counts_as_none_is_destroyed_and_the_cookie_deleted() {
    async fn on<S: Store>(site: Site<S>, events: Log) {
        let browser = signed_in(&site, AGENT, "203.0.113.7").await;
        let mut other = client(&browser, OTHER_AGENT, "203.0.113.7");
        events.take();
        let nobody = |session: Session| async move {
            assert!(session.is_new() && session.id().is_none() && session.data.theme().is_empty());
            user(session).await
        };
        let reply = site.visit(&mut other, nobody).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"));
        assert!(other.cookies.is_empty());
        assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
        assert_eq!(events.take(), ["other agent", "signed out", "ended, client changed"]);
        assert!(site.stored(&browser).await.is_none());
        assert_eq!(site.visit_as(&browser, user).await.body, "nobody");
        assert!(site.errors.take().is_empty() && site.warnings.take().is_empty());
    }
    let (memory, events) = site(ClientChange::End);
    on(memory, events).await;
    #[cfg(feature = "redis")]
    {
        use session::SessionLayer;
        let events = Log::default();
        let configure = |builder| listening(builder, ClientChange::End, &events);
        let (_, redis) =
            crate::support::build_on_redis(SessionLayer::builder, configure, SessionLayer::clone);
        on(redis, events).await;
    }
    #[cfg(feature = "sqlite")]
    {
        use session::SessionLayer;
        let events = Log::default();
        let configure = |builder| listening(builder, ClientChange::End, &events);
        let (_, sqlite) =
            crate::support::build_on_sqlite(SessionLayer::builder, configure, SessionLayer::clone);
        on(sqlite, events).await;
    }
}

#[tokio::test]
async fn it_ends_also_where_the_handler_fails_or_leaves_the_session_alone() {
    let (site, _) = site(ClientChange::End);
    let fail = |_: Session| async { http::StatusCode::INTERNAL_SERVER_ERROR };
    let idle = |_: Session| async {};
    let one = signed_in(&site, AGENT, "203.0.113.7").await;
    site.visit_as(&client(&one, OTHER_AGENT, "203.0.113.7"), fail).await;
    let two = signed_in(&site, AGENT, "203.0.113.7").await;
    site.visit_as(&client(&two, AGENT, "198.51.100.1"), idle).await;
    assert_eq!(site.live().await, 0);
}

#[tokio::test]
async fn who_signs_in_then_gets_a_session_of_their_own() {
    let (site, events) = site(ClientChange::End);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "203.0.113.7");
    events.take();
    site.visit(&mut other, sign_in).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
    let expected = ["other agent", "signed out", "ended, client changed", "started", "signed in"];
    assert_eq!(events.take(), expected);
    assert_ne!(other.token(), browser.token());
    assert_eq!(site.visit(&mut other, user).await.body, "ada");
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn a_session_that_another_request_renewed_meanwhile_ends_too() {
    let (site, events) = site(ClientChange::End);
    let mut browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let thief = client(&browser, OTHER_AGENT, "198.51.100.1");
    let open = site.open_as::<super::Account>(&thief).await;
    let renew = |session: Session| async move { session.renew() };
    site.visit(&mut browser, renew).await.set_cookie();
    events.take();
    open.respond(200).await;
    assert_eq!(events.take(), ["signed out", "ended, client changed"]);
    assert_eq!(site.visit_as(&browser, user).await.body, "nobody");
    assert_eq!(site.live().await, 0);
}

#[tokio::test]
async fn a_session_that_went_to_another_user_meanwhile_is_left_alone() {
    let (site, _) = site(ClientChange::End);
    let mut browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let thief = client(&browser, OTHER_AGENT, "198.51.100.1");
    let open = site.open_as::<super::Account>(&thief).await;
    let eve = |session: Session| async move { session.data.set_user("eve") };
    site.visit(&mut browser, eve).await.set_cookie();
    open.respond(200).await;
    assert_eq!(site.visit_as(&browser, user).await.body, "eve");
}

#[tokio::test]
async fn an_authentication_that_finds_its_session_renewed_meanwhile_binds_nobody() {
    let (site, events) = site(ClientChange::Report);
    let mut browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let other = client(&browser, OTHER_AGENT, "198.51.100.1");
    let open = site.open_as::<super::Account>(&other).await;
    open.session.authenticated();
    let renew = |session: Session| async move { session.renew() };
    site.visit(&mut browser, renew).await.set_cookie();
    assert!(!open.respond(200).await.has_set_cookie());
    events.take();
    assert_eq!(site.visit_as(&browser, user).await.body, "ada");
    assert!(events.take().is_empty(), "it is still bound to the first client");
    assert_eq!(site.live().await, 1);
}

#[tokio::test]
async fn an_outage_while_it_ends_deletes_the_cookie_and_fails_the_response() {
    let (site, _) = site(ClientChange::End);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "203.0.113.7");
    site.store.break_down(Verb::Destroy);
    let reply = site.visit(&mut other, user).await;
    assert!(reply.status.is_server_error(), "{}", reply.status);
    assert!(other.cookies.is_empty());
    site.store.recover();
    assert_eq!(site.visit_as(&client(&browser, OTHER_AGENT, "203.0.113.7"), user).await.body, "nobody");
}

#[tokio::test]
async fn an_anonymous_browser_is_not_affected() {
    let (site, events) = site(ClientChange::End);
    assert_eq!(site.visit_as(&client(&Browser::new(), AGENT, "203.0.113.7"), user).await.body, "nobody");
    assert!(events.take().is_empty() && site.calls().is_empty());
}

#[cfg(feature = "cookie")]
#[tokio::test]
async fn of_a_session_in_a_cookie_the_other_client_loses_its_cookie() {
    let store = session::CookieStore::builder(session::Key::generate().unwrap(), "shop").stateless().unwrap();
    let events = Log::default();
    let configure = |builder| listening(builder, ClientChange::End, &events);
    let site = Site::on(crate::support::SpyStore::over(store), configure);
    let browser = signed_in(&site, AGENT, "203.0.113.7").await;
    let mut other = client(&browser, OTHER_AGENT, "203.0.113.7");
    events.take();
    assert_eq!(site.visit(&mut other, user).await.body, "nobody");
    assert!(other.cookies.is_empty());
    assert_eq!(events.take(), ["other agent", "signed out", "ended, client changed"]);
    assert_eq!(site.visit_as(&browser, user).await.body, "ada", "no server can end it");
}
