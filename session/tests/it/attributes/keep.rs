//! The attribute `keep`.

use http::StatusCode;
use session::{Databag, Store};

use super::account::Session;
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site, Verb};

/// Another application's fields of the same sessions.
#[derive(Databag)]
struct Foreign {
    foreign: String,
}

/// A session with a theme, a token of its forms, and a field that the databag does not know.
async fn with_every_field<S: Store>(site: &Site<S>) -> Browser {
    let fill = |session: &Session| {
        session.data.set_theme("dark");
        session.data.set_csrf("f00");
        session.data.set_cart(["tea".to_owned()]);
        session.data.set_notice("saved");
        session.data.set_code("274 301");
        session.data.set_visits(7);
        session.data.set_step(1);
    };
    let mut browser = site.account(fill).await;
    let foreign = |session: session::Session<Foreign>| async move { session.data.set_foreign("theirs") };
    site.visit(&mut browser, foreign).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    let all = ["cart", "code", "csrf", "foreign", "notice", "step", "theme", "visits"];
    assert_eq!(site.fields(&browser).await, all);
    browser
}

fn theme(session: &Session) -> String {
    session.data.theme()
}

#[tokio::test]
async fn starting_over_keeps_what_was_declared_so_and_drops_all_else_fields_unknown_included() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let before = browser.clone();
        let over = |session: &Session| {
            session.renew_and_clear();
            assert_eq!(session.data.csrf(), None);
            assert_eq!((session.data.visits(), session.data.step()), (0, 0));
            assert_eq!(session.data.take_notice(), None);
            session.data.theme()
        };
        let reply = site.request(&mut browser, over).await;
        assert_eq!(reply.body, "dark");
        assert_ne!(reply.set_cookie().value(), before.token());
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(site.fields(&browser).await, ["theme"]);
        assert_eq!(site.request(&mut browser, theme).await.body, "dark");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn starting_over_while_signing_in_leaves_no_token_of_the_visitors_forms() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let login = |session: &Session| {
            session.renew_and_clear();
            session.data.set_user("ada");
        };
        site.request(&mut browser, login).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(site.fields(&browser).await, ["theme", "user"]);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_kept_field_keeps_what_the_request_itself_set() {
    for before in [true, false] {
        let site = Site::new();
        let mut browser = with_every_field(&site).await;
        let over = move |session: &Session| {
            if before {
                session.data.set_theme("light");
            }
            session.renew_and_clear();
            if !before {
                session.data.set_theme("light");
            }
        };
        site.request(&mut browser, over).await;
        assert_eq!(site.fields(&browser).await, ["theme"]);
        assert_eq!(site.request(&mut browser, theme).await.body, "light");
    }
}

#[tokio::test]
async fn what_is_set_after_starting_over_is_stored() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let over = |session: &Session| {
            session.data.set_csrf("lost");
            session.renew_and_clear();
            session.data.set_csrf("ba2");
            assert_eq!(session.data.add_visits(1), 1);
        };
        site.request(&mut browser, over).await;
        assert_eq!(site.fields(&browser).await, ["csrf", "theme", "visits"]);
        let seen = |s: &Session| format!("{:?} {}", s.data.csrf(), s.data.visits());
        assert_eq!(site.request(&mut browser, seen).await.body, r#"Some("ba2") 1"#);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn starting_over_keeps_what_another_request_wrote_to_a_kept_field_and_drops_what_it_wrote_to_others() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let [over, writer] = site.open_twice(&browser).await;
        over.session.renew_and_clear();
        writer.session.data.set_theme("light");
        writer.session.data.set_device("phone");
        writer.respond(200).await;
        browser.take_cookies(&over.respond(200).await);
        assert_eq!(site.fields(&browser).await, ["theme"]);
        assert_eq!(site.request(&mut browser, theme).await.body, "light");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn clearing_drops_kept_fields_too_under_the_same_token() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        assert!(!site.request(&mut browser, Session::clear).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(site.fields(&browser).await, [""; 0]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn destroying_drops_kept_fields_too() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let end = |session: &Session| {
            session.destroy();
            session.data.theme()
        };
        assert_eq!(site.request(&mut browser, end).await.body, "");
        assert_eq!(site.live().await, 0);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn starting_over_with_a_response_of_status_5xx_renews_and_drops_what_is_not_kept() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = with_every_field(&site).await;
        let fail = |session: &Session| {
            session.data.set_theme("light");
            session.renew_and_clear();
            StatusCode::INTERNAL_SERVER_ERROR
        };
        site.request(&mut browser, fail).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(site.fields(&browser).await, ["theme"]);
        assert_eq!(site.request(&mut browser, theme).await.body, "dark");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn starting_over_with_nothing_but_kept_fields_still_renews() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_theme("dark")).await;
        site.request(&mut browser, Session::renew_and_clear).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(site.request(&mut browser, theme).await.body, "dark");
    }
    on_each_server!(on);
}
