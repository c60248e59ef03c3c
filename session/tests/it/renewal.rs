//! Renewal of tokens.

use std::sync::Arc;

use session::StoreError;
use tokio::sync::Barrier;

use crate::support::{Browser, Session, Site, T0, Verb, seconds};

/// The sign-in of an application.
fn sign_in(session: &Session, user: &str) {
    session.renew();
    session.data.set_user(user);
}

async fn renew(session: Session) {
    session.renew();
}

async fn meta(session: Session) -> String {
    format!("{:?}", session.meta())
}

#[tokio::test]
async fn renewing_keeps_the_data_under_a_new_token_and_kills_the_old_one() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let old = browser.clone();
    let reply = site.visit(&mut browser, renew).await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_ne!(browser.token(), old.token());
    assert_eq!(reply.header("cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.name_of(&browser).await, "ada");
    assert_eq!(site.name_of(&old).await, "nobody");
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn renewing_keeps_handle_id_creation_and_lifetime_deadline() {
    let site = Site::with(|builder| builder.lifetime(seconds(3600)));
    let mut browser = site.visitor("ada").await;
    let before = site.visit(&mut browser, meta).await.body;
    site.visit(&mut browser, renew).await;
    assert_eq!(site.visit(&mut browser, meta).await.body, before);
}

#[tokio::test]
async fn renewing_does_not_extend_the_lifetime() {
    let site = Site::with(|builder| builder.lifetime(seconds(3600)));
    let mut browser = site.visitor("ada").await;
    for second in [1500, 3000, 3599] {
        site.at(second);
        let reply = site
            .visit(&mut browser, |session: Session| async move {
                session.renew();
                session.data.name()
            })
            .await;
        assert_eq!(reply.body, "ada");
        assert!(reply.has_set_cookie());
    }
    site.at(3600);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn renewing_counts_as_use_and_moves_the_idle_deadline() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    let reply = site.visit(&mut browser, renew).await;
    assert!(reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    site.at(2799);
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn renewing_twice_in_one_request_sends_one_cookie() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            session.data.set_visits(1u64);
            session.renew();
        })
        .await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn of_two_renewals_that_are_saved_one_after_the_other_the_client_gets_the_last() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            session.save().await.unwrap();
            session.renew();
        })
        .await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew, Verb::Renew]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn changes_travel_with_the_renewal_in_one_step() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.visit(&mut browser, |session: Session| async move {
        session.data.set_visits(7u64);
        session.renew();
        session.data.set_name("grace");
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.name_of(&browser).await, "grace");
    let visits = |session: Session| async move { session.data.visits().to_string() };
    assert_eq!(site.visit(&mut browser, visits).await.body, "7");
}

#[tokio::test]
async fn renewing_an_unsaved_session_creates_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, renew).await;
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.store.len(), 1);
    let is_new = |session: Session| async move { session.is_new().to_string() };
    assert_eq!(site.visit(&mut browser, is_new).await.body, "false");
}

#[tokio::test]
async fn renewing_under_an_unknown_token_gives_a_fresh_one() {
    let site = Site::new();
    let planted = Browser::with_cookie("__Host-session", &"A".repeat(43));
    let mut browser = planted.clone();
    let reply = site.visit(&mut browser, renew).await;
    assert_ne!(reply.set_cookie().value(), planted.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(site.name_of(&planted).await, "nobody");
}

#[tokio::test]
async fn renewing_with_clear_drops_all_data_and_keeps_the_session() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let old = browser.clone();
    let before = site.visit(&mut browser, meta).await.body;
    site.calls();
    site.visit(&mut browser, |session: Session| async move {
        session.data.set_visits(7u64);
        session.renew_and_clear();
        assert_eq!((session.data.name().as_str(), session.data.visits()), ("nobody", 0));
        session.data.set_items(vec!["after".to_owned()]);
    })
    .await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.name_of(&old).await, "nobody");
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            let data = &session.data;
            format!("{} {} {:?}", data.name(), data.visits(), data.items())
        })
        .await;
    assert_eq!(reply.body, r#"nobody 0 ["after"]"#);
    assert_eq!(site.visit(&mut browser, meta).await.body, before);
}

#[tokio::test]
async fn a_token_known_before_signing_in_opens_nothing_afterwards() {
    let site = Site::new();
    let mut attacker = site.visitor("mallory's").await;
    let mut victim = attacker.clone();
    site.visit(&mut victim, |session: Session| async move { sign_in(&session, "ada") }).await;
    let user = |session: Session| async move { session.data.user().unwrap_or_default() };
    assert_eq!(site.visit(&mut victim, user).await.body, "ada");
    assert_eq!(site.visit(&mut attacker, user).await.body, "");
    assert_eq!(site.name_of(&attacker).await, "nobody");

    site.visit(&mut attacker, |session: Session| async move { session.data.set_user("mallory") }).await;
    assert_ne!(attacker.token(), victim.token());
    assert_eq!(site.visit(&mut victim, user).await.body, "ada");
}

#[tokio::test]
async fn signing_out_and_in_as_somebody_else_never_shares_a_token() {
    let site = Site::new();
    let mut browser = Browser::new();
    let mut tokens = Vec::new();
    for user in ["ada", "grace"] {
        site.visit(&mut browser, move |session: Session| async move { sign_in(&session, user) }).await;
        tokens.push(browser.token().to_owned());
        site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
        assert!(browser.cookies.is_empty());
    }
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_renewal_that_fails_keeps_the_old_token_alive_and_sends_no_cookie() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.store.break_down(Verb::Renew);
    let reply = site.visit(&mut browser, |session: Session| async move { sign_in(&session, "ada") }).await;
    assert_eq!(reply.status, 503);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be saved, unless only the answer was lost; call `reload().await` before repeating what must not happen twice: the session store is unavailable, check that it runs and can be reached: connection refused"
        ]
    );
    site.store.recover();
    let user = |session: Session| async move { session.data.user().unwrap_or_default() };
    assert_eq!(site.visit(&mut browser, user).await.body, "");
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn a_renewal_without_randomness_falls_back_to_no_weaker_token() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.store.fail(Verb::Renew, || StoreError::Random("no entropy".into()));
    let reply = site.visit(&mut browser, renew).await;
    assert_eq!(reply.status, 500);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn a_failed_response_renews_the_token_without_the_changes() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            session.data.set_name("grace");
            http::StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    assert_eq!(site.name_of(&browser).await, "ada");
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_token_renewed_by_an_explicit_save_reaches_the_client_although_a_later_write_fails() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.store.break_down(Verb::Update);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            session.save().await.unwrap();
            session.data.set_name("grace");
        })
        .await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Renew, Verb::Update]);
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(site.name_of(&browser).await, "ada");
}

#[tokio::test]
async fn of_two_overlapping_renewals_one_succeeds_and_only_its_client_gets_a_cookie() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let both_loaded = Arc::new(Barrier::new(2));
    let handler = move |session: Session| async move {
        session.renew();
        both_loaded.wait().await;
    };
    let (one, other) =
        tokio::join!(site.visit_as(&browser, handler.clone()), site.visit_as(&browser, handler));
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
    assert_ne!(one.has_set_cookie(), other.has_set_cookie());
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.errors.take(), [""; 0]);
    let mut winner = browser.clone();
    winner.take_cookies(&one);
    winner.take_cookies(&other);
    assert_eq!(site.name_of(&winner).await, "ada");
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn the_token_cannot_be_set_and_follows_the_renewal() {
    let (manager, site) = Site::managed(|builder| builder);
    let session = manager.create().await.unwrap();
    let first = session.token().unwrap();
    session.renew();
    assert_eq!(session.token().unwrap(), first, "renewing takes effect with the commit");
    session.save().await.unwrap();
    let second = session.token().unwrap();
    assert_ne!(second, first);
    assert_eq!(session.meta().unwrap().created_at, T0);
    assert!(manager.find(&first).await.unwrap().is_none());
    assert!(manager.find(&second).await.unwrap().is_some());
    assert_eq!(site.calls(), [Verb::Create, Verb::Renew, Verb::Load, Verb::Load]);
}
