//! Pushed flash messages.

use std::collections::BTreeSet;

use http::StatusCode;
use session::{Databag, Store};

use super::{on_each_server, on_each_store};
use crate::support::{Browser, Reply, Site, Verb};

#[derive(Databag)]
pub(super) struct Inbox {
    #[databag(principal)]
    user: Option<String>,
    #[databag(flash)]
    notices: Vec<String>,
    #[databag(flash, default = vec!["welcome".to_owned()])]
    hints: Vec<String>,
    #[databag(flash)]
    topics: BTreeSet<String>,
    #[databag(cas)]
    step: u8,
}

pub(super) type Session = session::Session<Inbox>;

async fn request<S: Store>(site: &Site<S>, browser: &mut Browser, act: fn(&Session)) -> Reply {
    site.visit(browser, move |session: Session| async move { act(&session) }).await
}

/// Takes the messages.
pub(super) async fn shown<S: Store>(site: &Site<S>, browser: &mut Browser) -> String {
    site.visit(browser, |session: Session| async move { take(&session) }).await.body
}

pub(super) fn take(session: &Session) -> String {
    session.data.take_notices().join(" ")
}

/// Returns a browser whose session has the message `one`.
pub(super) async fn waiting<S: Store>(site: &Site<S>) -> Browser {
    let mut browser = Browser::new();
    request(site, &mut browser, |session| session.data.push_notices("one")).await.set_cookie();
    assert_eq!(site.calls(), [Verb::Create]);
    browser
}

#[tokio::test]
async fn a_message_is_shown_behind_those_that_wait() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        request(&site, &mut browser, |session| session.data.push_notices("two")).await;
        assert_eq!(shown(&site, &mut browser).await, "one two");
        assert_eq!(shown(&site, &mut browser).await, "");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_middleware_and_a_handler_both_speak_in_one_request() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let both = |outer: Session, inner: Session| async move {
            outer.data.push_notices("two");
            inner.data.push_notices("three".to_owned());
            assert_eq!(outer.data.read(|inbox| inbox.notices.len()), 3);
        };
        assert_eq!(site.visit(&mut browser, both).await.status, 200);
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(shown(&site, &mut browser).await, "one two three");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_request_is_shown_what_waited_and_not_what_it_pushes() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let around = |session: Session| async move {
            session.data.push_notices("two");
            let taken = take(&session);
            session.data.push_notices("three");
            taken + &take(&session)
        };
        assert_eq!(site.visit(&mut browser, around).await.body, "one");
        assert_eq!(shown(&site, &mut browser).await, "two three");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_message_that_was_taken_and_kept_waits_before_those_that_were_pushed() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        request(&site, &mut browser, |session| {
            take(session);
            session.data.push_notices("two");
            session.data.keep_notices();
            session.data.push_notices("three");
        })
        .await;
        assert_eq!(shown(&site, &mut browser).await, "one two three");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn setting_and_clearing_replace_what_was_pushed_and_what_waited() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        request(&site, &mut browser, |session| {
            session.data.push_notices("two");
            session.data.set_notices(["three".to_owned()]);
            session.data.push_notices("four");
        })
        .await;
        assert_eq!(shown(&site, &mut browser).await, "three four");
        site.calls();
        let mut browser = waiting(&site).await;
        request(&site, &mut browser, |session| {
            session.data.push_notices("two");
            session.data.clear_notices();
            session.data.push_notices("three");
        })
        .await;
        assert_eq!(shown(&site, &mut browser).await, "three");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_that_waits_already_in_a_set_writes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = Browser::new();
        request(&site, &mut browser, |session| session.data.push_topics("news")).await.set_cookie();
        site.calls();
        request(&site, &mut browser, |session| session.data.push_topics("news")).await;
        assert_eq!(site.calls(), [Verb::Load]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn the_default_is_no_message_that_others_are_added_to() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = Browser::new();
        let hints = |session: Session| async move { session.data.take_hints().join(" ") };
        let push = |session: Session| async move {
            let before = session.data.take_hints().join(" ");
            session.data.push_hints("two");
            before
        };
        assert_eq!(site.visit(&mut browser, push).await.body, "welcome");
        assert_eq!(site.visit(&mut browser, hints).await.body, "two");
        assert_eq!(site.visit(&mut browser, hints).await.body, "welcome");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_message_pushed_with_a_response_of_status_5xx_is_never_shown() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = waiting(&site).await;
        let fail = |session: Session| async move {
            session.data.push_notices("lost");
            StatusCode::BAD_GATEWAY
        };
        assert_eq!(site.visit(&mut browser, fail).await.status, 502);
        assert_eq!(shown(&site, &mut browser).await, "one");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn what_waited_for_one_user_is_not_shown_to_the_next_and_what_is_pushed_to_them_is() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = Browser::new();
        request(&site, &mut browser, |session| {
            session.data.set_user("ada");
            session.data.push_notices("for ada");
        })
        .await
        .set_cookie();
        request(&site, &mut browser, |session| {
            session.data.push_notices("signed out");
            session.data.clear_user();
        })
        .await
        .set_cookie();
        assert_eq!(shown(&site, &mut browser).await, "signed out");
    }
    on_each_store!(on);
}
