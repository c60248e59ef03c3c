//! Life cycle of a session in a cookie.

use session::{CookieStore, Touch};

use crate::sealed::site::{Sealed, key, layered, sealing, stateless};
use crate::support::handlers::{destroy, idle, read, renew, write};
use crate::support::{Browser, Session, SpyStore, Verb, seconds};

#[tokio::test]
async fn the_session_travels_in_the_cookie_to_every_site_that_has_the_key() {
    let (blue, green) = (stateless(), stateless());
    let mut browser = Browser::new();
    let reply = blue
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("ada");
            session.data.set_items(vec!["tea".to_owned()]);
        })
        .await;
    assert_eq!(blue.calls(), [Verb::Create]);
    assert_eq!(reply.attributes(), ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert!(browser.token().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));

    let reply = green.visit(&mut browser, read).await;
    assert_eq!(reply.body, "ada");
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(green.calls(), [Verb::Load]);

    let add = |session: Session| async move { session.data.update_items(|items| items.push("milk".into())) };
    let reply = green.visit(&mut browser, add).await;
    assert_eq!(reply.set_cookie().name(), "__Host-session");
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(green.calls(), [Verb::Load, Verb::Update]);

    let list = |session: Session| async move { session.data.items().join(" ") };
    assert_eq!(blue.visit(&mut browser, list).await.body, "tea milk");
    assert_eq!(blue.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_request_that_leaves_its_session_alone_costs_nothing() {
    let site = stateless();
    let mut browser = site.ada().await;
    let reply = site.visit(&mut browser, async || "no session is asked for").await;
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary"), None);
    assert_eq!(site.calls(), []);
    assert!(!site.visit(&mut browser, idle).await.has_set_cookie());
    assert!(!site.visit(&mut Browser::new(), read).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn setting_what_is_there_already_seals_nothing_anew() {
    let site = stateless();
    let mut browser = site.ada().await;
    let again = |session: Session| async move { session.data.set_name("ada") };
    assert!(!site.visit(&mut browser, again).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_failed_response_seals_nothing_anew() {
    let site = stateless();
    let mut browser = site.ada().await;
    let fail = |session: Session| async move {
        session.data.set_name("eve");
        http::StatusCode::INTERNAL_SERVER_ERROR
    };
    assert!(!site.visit(&mut browser, fail).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn what_was_saved_explicitly_reaches_the_client_although_the_response_failed() {
    let site = stateless();
    let mut browser = site.ada().await;
    let fail = |session: Session| async move {
        session.data.set_name("eve");
        session.save().await.unwrap();
        session.data.set_name("lost");
        http::StatusCode::INTERNAL_SERVER_ERROR
    };
    site.visit(&mut browser, fail).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(site.name(&browser).await, "eve");
}

#[tokio::test]
async fn an_explicit_save_and_the_response_give_one_cookie_with_the_last_state() {
    let site = stateless();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("eve");
            session.save().await.unwrap();
            session.data.set_name("bob");
            session.save().await.unwrap();
            session.renew();
            session.data.set_name("ada");
        })
        .await;
    reply.set_cookie();
    assert_eq!(site.calls(), [Verb::Create, Verb::Update, Verb::Renew]);
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn of_two_responses_in_flight_the_last_cookie_wins() {
    let site = stateless();
    let mut browser = site.ada().await;
    let (first, second) = site.open_two(&browser).await;
    first.session.data.set_a(1u32);
    second.session.data.set_b(2u32);
    let (first, second) = (first.respond(200).await, second.respond(200).await);
    browser.take_cookies(&second);
    browser.take_cookies(&first);
    assert_eq!(site.seen(&browser).await, "ada 1 0 0");
    browser.take_cookies(&second);
    assert_eq!(site.seen(&browser).await, "ada 0 2 0");
    assert!(site.gone.take().is_empty());
}

#[tokio::test]
async fn the_cookies_length_reveals_only_a_multiple_of_64_bytes() {
    let site = stateless();
    let mut lengths = Vec::new();
    for bytes in 0..=200 {
        let browser = site.holding(bytes).await;
        // Version, key id, nonce and SIV are 37 bytes.
        let sealed = browser.token().len() * 3 / 4 - 37;
        assert_eq!(sealed % 64, 0, "for {bytes} bytes");
        lengths.push(sealed);
    }
    assert!(lengths.is_sorted());
    lengths.dedup();
    assert!((3..=5).contains(&lengths.len()), "{lengths:?}");
}

#[tokio::test]
async fn the_cookie_shows_nothing_of_the_session_and_never_the_same_text_twice() {
    let site = stateless();
    let (one, two) = (site.ada().await, site.ada().await);
    // Version and key id, 5 bytes, are the same.
    assert_ne!(one.token()[8..28], two.token()[8..28]);
    assert_eq!(one.token().len(), two.token().len());
}

#[tokio::test]
async fn a_session_in_use_slides_in_its_clients_copy_once_a_twentieth_has_passed() {
    let site = stateless();
    let mut browser = site.ada().await;
    site.at(89);
    assert!(!site.visit(&mut browser, read).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    site.at(90);
    let old = browser.clone();
    let reply = site.visit(&mut browser, read).await;
    assert_eq!(reply.set_cookie().name(), "__Host-session");
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert!(!site.visit(&mut browser, idle).await.has_set_cookie());

    site.at(1800);
    assert_eq!(site.name(&old).await, "nobody");
    site.at(1889);
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");
    site.at(1890);
    assert_eq!(site.name(&browser).await, "nobody");
}

#[tokio::test]
async fn a_touch_seals_the_data_that_was_there_and_stays_the_same_session() {
    let site = stateless();
    let mut browser = site.holding(1000).await;
    let id = |session: Session| async move { session.id().unwrap().to_string() };
    let before = site.visit_as(&browser, id).await.body;
    site.at(1000);
    let reply = site.visit(&mut browser, id).await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(reply.body, before);
    let notice = |session: Session| async move { session.data.notice().unwrap().len().to_string() };
    assert_eq!(site.visit_as(&browser, notice).await.body, "1000");
}

#[tokio::test]
async fn every_request_or_none_slides_the_session_where_the_layer_says_so() {
    let every = layered(|builder| builder.touch(Touch::EveryRequest));
    let mut browser = every.ada().await;
    every.at(1000);
    every.visit(&mut browser, async || "no session is asked for").await.set_cookie();
    assert_eq!(every.calls(), [Verb::Load, Verb::Touch]);
    every.at(2799);
    assert_eq!(every.visit_as(&browser, read).await.body, "ada");

    let never = layered(|builder| builder.touch(Touch::Never));
    let mut browser = never.ada().await;
    never.at(1000);
    assert!(!never.visit(&mut browser, read).await.has_set_cookie());
    assert_eq!(never.calls(), [Verb::Load]);
    never.at(1800);
    assert_eq!(never.name(&browser).await, "nobody");
}

#[tokio::test]
async fn a_name_or_context_of_another_application_opens_nothing() {
    let browser = stateless().ada().await;
    let other = sealing(CookieStore::builder(key(1), "staging"));
    assert_eq!(other.name(&browser).await, "nobody");

    let admin = Browser::with_cookie("admin", browser.token());
    let store = CookieStore::builder(key(1), "shop").cookie_name("admin").stateless().unwrap();
    let other = Sealed::on(SpyStore::over(store), |builder| builder.cookie_name("admin"));
    assert_eq!(other.name(&admin).await, "nobody");
}

#[tokio::test]
async fn a_sealed_token_travels_in_a_header_too() {
    let site = layered(|builder| builder.header("x-session").idle_timeout(seconds(60)));
    let reply = site.visit_as(&Browser::new(), write).await;
    let client = Browser::new().sending("x-session", reply.headers["x-session"].to_str().unwrap());
    let visits = |session: Session| async move { session.data.visits().to_string() };
    let same = site.visit_as(&client, visits).await;
    assert_eq!((same.body.as_str(), same.header("x-session")), ("1", None));

    let renewed = site.visit_as(&client, renew).await;
    assert!(!renewed.has_set_cookie());
    let new = Browser::new().sending("x-session", renewed.headers["x-session"].to_str().unwrap());
    assert_eq!(site.visit_as(&new, visits).await.body, "1");
    let cookie = Browser::with_cookie("__Host-session", new.headers["x-session"].to_str().unwrap());
    assert_eq!(site.visit_as(&cookie, visits).await.body, "0");
    let reply = site.visit_as(&new, destroy).await;
    assert_eq!(reply.headers["x-session"], "");
    site.at(60);
    assert_eq!(site.visit_as(&new, visits).await.body, "0");
}

#[tokio::test]
async fn nothing_is_saved_where_the_secure_cookie_could_not_follow() {
    let site = stateless();
    let mut browser = Browser::at("http://example.com/");
    assert!(!site.visit(&mut browser, write).await.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.warnings.take().len(), 1);
}
