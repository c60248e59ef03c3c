//! The attribute `flash`.

use http::StatusCode;
use session::Store;

use super::account::Session;
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Reply, Site, Verb};

fn set(session: &Session) {
    session.data.set_notice("saved");
}

/// Takes the message: `nothing` if there is none.
fn take(session: &Session) -> String {
    session.data.take_notice().unwrap_or_else(|| "nothing".into())
}

#[tokio::test]
async fn a_message_is_shown_to_the_next_request_that_looks_and_to_no_other() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = Browser::new();
        let set = |session: &Session| {
            set(session);
            take(session)
        };
        assert_eq!(site.request(&mut browser, set).await.body, "nothing");
        assert_eq!(site.fields(&browser).await, ["notice"]);
        assert_eq!(site.request(&mut browser, take).await.body, "saved");
        assert_eq!(site.fields(&browser).await, [""; 0]);
        site.calls();
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
        assert_eq!(site.calls(), [Verb::Load]);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_message_is_shown_once_within_a_request() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let reply = site.request(&mut browser, |session| take(session) + &take(session)).await;
        assert_eq!(reply.body, "savednothing");
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_that_was_taken_and_kept_is_shown_to_one_request_more() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let keep = |session: &Session| {
            let shown = take(session);
            session.data.keep_notice();
            shown
        };
        assert_eq!(site.request(&mut browser, keep).await.body, "saved");
        assert_eq!(site.request(&mut browser, take).await.body, "saved");
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn keeping_a_message_writes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.request(&mut browser, |session| session.data.keep_notice()).await;
        assert_eq!(site.calls(), [Verb::Load]);
        let keep = |session: &Session| {
            take(session);
            session.data.keep_notice();
        };
        site.request(&mut browser, keep).await;
        assert_eq!(site.calls(), [Verb::Load]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn requests_that_do_not_look_do_not_lose_a_message() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.request(&mut browser, |_| ()).await;
        site.request(&mut browser, |session| session.data.csrf().unwrap_or_default()).await;
        site.request(&mut browser, |session| session.data.set_csrf("f00")).await;
        site.request(&mut browser, |session| session.data.read(|_| ())).await;
        assert_eq!(site.request(&mut browser, take).await.body, "saved");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_response_of_status_5xx_does_not_lose_a_message() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let fail = |session: &Session| (StatusCode::BAD_GATEWAY, take(session));
        let Reply { status, body, .. } = site.request(&mut browser, fail).await;
        assert_eq!((status.as_u16(), body.as_str()), (502, "saved"));
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.request(&mut browser, take).await.body, "saved");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_message_set_with_a_response_of_status_5xx_is_never_shown() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let fail = |session: &Session| {
            session.data.set_notice("lost");
            StatusCode::INTERNAL_SERVER_ERROR
        };
        site.request(&mut browser, fail).await;
        assert_eq!(site.request(&mut browser, take).await.body, "saved");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_set_where_another_was_taken_is_shown_next() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let both = |session: &Session| {
            session.data.set_notice("and again");
            take(session)
        };
        assert_eq!(site.request(&mut browser, both).await.body, "saved");
        assert_eq!(site.request(&mut browser, take).await.body, "and again");
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_message_that_nobody_saw_is_replaced_by_the_next() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        site.request(&mut browser, |session| session.data.set_notice("instead")).await;
        assert_eq!(site.request(&mut browser, take).await.body, "instead");
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_that_was_cleared_is_never_shown() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let clear = |session: &Session| {
            session.data.clear_notice();
            take(session)
        };
        assert_eq!(site.request(&mut browser, clear).await.body, "nothing");
        assert_eq!(site.fields(&browser).await, [""; 0]);
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn looking_for_a_message_starts_no_session() {
    async fn on<S: Store>(site: Site<S>) {
        let look = |session: &Session| {
            session.data.keep_notice();
            session.data.clear_notice();
            take(session)
        };
        let reply = site.request(&mut Browser::new(), look).await;
        assert_eq!(reply.body, "nothing");
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), []);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_set_while_signing_in_is_shown_under_the_new_token_only() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let mut planted = browser.clone();
        let login = |session: &Session| {
            session.data.set_user("ada");
            set(session);
        };
        site.request(&mut browser, login).await;
        assert_eq!(site.request(&mut planted, take).await.body, "nothing");
        assert_eq!(site.request(&mut Browser::new(), take).await.body, "nothing");
        assert_eq!(site.request(&mut browser, take).await.body, "saved");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_that_another_request_set_meanwhile_is_not_removed_by_who_saw_the_one_before() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let [shown, writer] = site.open_twice(&browser).await;
        assert_eq!(take(&shown.session), "saved");
        writer.session.data.set_notice("and again");
        writer.respond(200).await;
        shown.respond(200).await;
        assert_eq!(site.calls(), [Verb::Update, Verb::Update]);
        assert_eq!(site.request(&mut browser, take).await.body, "and again");
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_taken_by_overlapping_requests_is_gone_and_a_conflict_for_none() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(set).await;
        let [one, other] = site.open_twice(&browser).await;
        take(&one.session);
        take(&other.session);
        assert_eq!(one.respond(200).await.status, 200);
        assert_eq!(other.respond(200).await.status, 200);
        assert!(site.errors.take().is_empty());
        assert_eq!(site.request(&mut browser, take).await.body, "nothing");
    }
    on_each_server!(on);
}
