//! The attribute `ttl`.

use session::Store;

use super::account::{Session, managed};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site, Verb};

fn set(session: &Session) {
    session.data.set_code("274 301");
}

/// Returns the code that a request reads: `none` if there is none.
fn code(session: &Session) -> String {
    session.data.code().unwrap_or_else(|| "none".into())
}

#[tokio::test]
async fn a_value_is_shown_until_its_deadline_and_from_then_on_the_default() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(599);
        assert_eq!(site.request(&mut browser, code).await.body, "274 301");
        site.at(600);
        assert_eq!(site.request(&mut browser, code).await.body, "none");
        assert!(site.errors.take().is_empty() && site.warnings.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_handle_that_loaded_a_value_shows_it_no_longer_once_it_expired() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(599);
        let clock = site.clock.clone();
        let read_twice = move |session: &Session| {
            let before = code(session);
            clock.advance(crate::support::seconds(1));
            session.data.read(|_| ());
            format!("{before}, {}", code(session))
        };
        assert_eq!(site.request(&mut browser, read_twice).await.body, "274 301, none");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn setting_the_same_value_starts_its_time_anew() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(300);
        site.request(&mut browser, set).await;
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        site.at(899);
        assert_eq!(site.request(&mut browser, code).await.body, "274 301");
        site.at(900);
        assert_eq!(site.request(&mut browser, code).await.body, "none");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn changing_a_value_in_place_starts_its_time_anew() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(300);
        let update = |session: &Session| session.data.update_code(|code| code.as_mut().unwrap().push('!'));
        site.request(&mut browser, update).await;
        site.at(899);
        assert_eq!(site.request(&mut browser, code).await.body, "274 301!");
        site.at(900);
        assert_eq!(site.request(&mut browser, code).await.body, "none");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn neither_reading_nor_writing_other_fields_nor_renewing_prolongs_a_value() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(200);
        site.request(&mut browser, code).await;
        site.at(300);
        site.request(&mut browser, |session| session.data.set_csrf("f00")).await;
        site.at(400);
        site.request(&mut browser, |session| session.data.set_user("ada")).await;
        site.at(500);
        site.request(&mut browser, Session::renew).await;
        site.at(599);
        assert_eq!(site.request(&mut browser, code).await.body, "274 301");
        site.at(600);
        assert_eq!(site.request(&mut browser, code).await.body, "none");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn an_expired_value_leaves_the_record_with_the_next_write_and_costs_none() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(600);
        site.request(&mut browser, |session| session.data.set_csrf("f00")).await;
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(site.fields(&browser).await, ["csrf"]);
    }
    on_each_store!(on);
    let site = Site::new();
    let mut browser = site.account(set).await;
    site.at(600);
    site.request(&mut browser, code).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(site.fields(&browser).await, ["code"]);
}

#[tokio::test]
async fn a_fresh_value_of_another_request_survives_who_saw_the_old_one_expire() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(599);
        let [watching, setting] = site.open_twice(&browser).await;
        assert_eq!(code(&watching.session), "274 301");
        site.at(600);
        setting.session.data.set_code("999 999");
        setting.respond(200).await;
        assert_eq!(code(&watching.session), "none");
        watching.session.data.set_csrf("f00");
        watching.respond(200).await;
        assert_eq!(site.calls(), [Verb::Update, Verb::Update]);
        assert_eq!(site.fields(&browser).await, ["code", "csrf"]);
        assert_eq!(site.request(&mut browser, code).await.body, "999 999");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn taking_an_expired_value_gives_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(600);
        let take = |session: &Session| session.data.take_code().unwrap_or_else(|| "none".into());
        assert_eq!(site.request(&mut browser, take).await.body, "none");
        assert_eq!(site.request(&mut browser, code).await.body, "none");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_value_that_is_cleared_leaves_the_record_at_once() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.request(&mut browser, |session| session.data.clear_code()).await;
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(site.fields(&browser).await, [""; 0]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_value_set_with_an_expired_one_in_the_record_is_shown() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.at(600);
        site.request(&mut browser, set).await;
        site.at(1199);
        assert_eq!(site.request(&mut browser, code).await.body, "274 301");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_value_that_expires_between_being_set_and_the_response_is_not_shown_to_anyone() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let clock = site.clock.clone();
        let slow = move |session: &Session| {
            set(session);
            clock.advance(crate::support::seconds(600));
        };
        site.request(&mut browser, slow).await;
        assert_eq!(site.request(&mut browser, code).await.body, "none");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_list_of_sessions_shows_no_expired_values() {
    let (manager, site) = managed();
    let sign_in = |session: &Session| {
        session.data.set_user("ada");
        set(session);
    };
    site.account(sign_in).await;
    for (at, shown) in [(599, Some("274 301")), (600, None)] {
        site.at(at);
        let listed = manager.sessions_of("ada").await.unwrap();
        assert_eq!(listed[0].labels.code.as_deref(), shown);
    }
}

#[tokio::test]
async fn an_expired_value_alone_starts_no_session() {
    async fn on<S: Store>(site: Site<S>) {
        let clock = site.clock.clone();
        let slow = move |session: &Session| {
            set(session);
            clock.advance(crate::support::seconds(600));
        };
        assert!(!site.request(&mut Browser::new(), slow).await.has_set_cookie());
        assert_eq!(site.calls(), []);
    }
    on_each_server!(on);
}
