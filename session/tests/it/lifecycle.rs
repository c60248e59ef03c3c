//! Life cycle of sessions: creation, changes and destruction.

use crate::support::{Browser, Session, Site, Verb};

/// A well-formed token that no store issued.
const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn without_a_cookie_an_idle_handler_costs_no_store_call_and_no_cookie() {
    let site = Site::new();
    let reply = site.visit(&mut Browser::new(), |_: Session| async {}).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary"), None);
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn without_a_cookie_reading_shows_defaults_and_creates_nothing() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            assert_eq!(session.data.user(), None);
            assert!(session.id().is_none() && session.meta().is_none() && session.token().is_none());
            assert!(session.is_new() && !session.is_valid());
            session.data.name()
        })
        .await;
    assert_eq!(reply.body, "nobody");
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_first_write_creates_one_session_and_later_requests_see_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.store.len(), 1);

    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn writing_only_defaults_to_a_new_session_creates_nothing() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("nobody");
            session.data.set_visits(0u64);
            session.data.clear_user();
            session.data.update_items(|_| ());
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn modifying_a_session_keeps_its_token_and_its_handle_id() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let token = browser.token().to_owned();
    let id = |session: Session| async move { session.id().unwrap().to_string() };
    let before = site.visit(&mut browser, id).await.body;
    site.calls();

    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("grace") }).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(browser.token(), token);
    assert_eq!(site.name_of(&browser).await, "grace");
    assert_eq!(site.visit(&mut browser, id).await.body, before);
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn an_unknown_token_that_is_only_read_creates_nothing_and_is_not_deleted() {
    let site = Site::new();
    let mut browser = Browser::with_cookie("__Host-session", UNKNOWN);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body, "nobody");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn an_unknown_token_is_never_adopted_by_a_write() {
    let site = Site::new();
    let mut browser = Browser::with_cookie("__Host-session", UNKNOWN);
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_ne!(reply.set_cookie().value(), UNKNOWN);
    assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.name_of(&Browser::with_cookie("__Host-session", UNKNOWN)).await, "nobody");
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn what_is_no_token_at_all_counts_as_an_unknown_one() {
    let site = Site::new();
    let long = "A".repeat(10_000);
    for value in ["null", "undefined", "0", "..", "AAAA", "\u{e9}", "a b", "%00", "'--", "=", &long] {
        let mut browser = Browser::with_cookie("__Host-session", value);
        let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"), "{value:?}");
        assert!(!reply.has_set_cookie(), "{value:?}");
    }
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_session_is_new_without_a_token_or_with_an_unknown_one_and_not_when_it_was_found() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let is_new = |session: Session| async move { session.is_new().to_string() };
    assert_eq!(site.visit(&mut Browser::new(), is_new).await.body, "true");
    let mut stranger = Browser::with_cookie("__Host-session", UNKNOWN);
    assert_eq!(site.visit(&mut stranger, is_new).await.body, "true");
    assert_eq!(site.visit(&mut browser, is_new).await.body, "false");
}

#[tokio::test]
async fn destroying_removes_the_record_and_makes_the_client_forget() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let old = browser.clone();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.destroy();
            assert_eq!(session.data.name(), "nobody");
            assert!(session.is_new() && !session.is_valid());
            assert!(session.id().is_none() && session.meta().is_none() && session.token().is_none());
        })
        .await;
    let cookie = reply.set_cookie();
    assert_eq!(cookie.value(), "");
    assert_eq!(cookie.max_age(), Some(cookie::time::Duration::ZERO));
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.name_of(&old).await, "nobody");
}

#[tokio::test]
async fn destroying_drops_what_was_set_before_it() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.visit(&mut browser, |session: Session| async move {
        session.data.set_name("grace");
        session.renew();
        session.destroy();
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn what_is_set_after_destroying_begins_a_session_that_shares_nothing_with_the_old_one() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let old = browser.clone();
    let id = |session: Session| async move { session.id().unwrap().to_string() };
    let old_id = site.visit(&mut browser, id).await.body;
    site.calls();
    site.at(60);

    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.destroy();
            session.data.set_visits(7u64);
        })
        .await;
    assert_ne!(reply.set_cookie().value(), old.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.name_of(&old).await, "nobody");
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            let meta = session.meta().unwrap();
            assert_eq!(meta.created_at.as_millis(), crate::support::T0.as_millis() + 60_000);
            assert_eq!((session.data.name().as_str(), session.data.visits()), ("nobody", 7));
            meta.id.to_string()
        })
        .await;
    assert_ne!(reply.body, old_id);
}

#[tokio::test]
async fn destroying_without_a_cookie_sends_none_and_makes_no_store_call() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("ada");
            session.destroy();
            session.destroy();
        })
        .await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn destroying_under_an_unknown_token_makes_the_client_forget_it() {
    let site = Site::new();
    let mut browser = Browser::with_cookie("__Host-session", UNKNOWN);
    let reply = site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(reply.set_cookie().value(), "");
    assert!(browser.cookies.is_empty());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn reloading_a_session_that_is_to_be_destroyed_does_not_bring_its_data_back() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.destroy();
            session.reload().await.unwrap();
            session.data.name()
        })
        .await;
    assert_eq!(reply.body, "nobody");
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn saving_twice_writes_once() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("ada");
            session.save().await.unwrap();
            session.save().await.unwrap();
            session.id().unwrap().to_string()
        })
        .await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn destroying_a_session_made_in_the_same_request_leaves_no_trace() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("ada");
            session.save().await.unwrap();
            session.destroy();
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Create, Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn clearing_keeps_token_record_and_handle_id_and_drops_all_data() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let token = browser.token().to_owned();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            let before = session.meta();
            session.clear();
            assert_eq!(session.data.name(), "nobody");
            assert_eq!(session.meta(), before);
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(browser.token(), token);
    assert_eq!(site.store.len(), 1);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            assert!(!session.is_new());
            session.data.name()
        })
        .await;
    assert_eq!(reply.body, "nobody");
}
