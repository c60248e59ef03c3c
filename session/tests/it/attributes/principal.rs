//! The attribute `principal`.

use http::StatusCode;
use session::{Builder, Error, SessionManager, Store};

use super::account::{Account, Session};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Log, Reply, Site, SpyStore, Verb, seconds};

fn user(session: &Session) -> String {
    session.data.user().unwrap_or_default()
}

/// Checks that `act` renews the token of Ada's session in one write, then what requests read and the names of the stored
/// fields.
async fn renews(act: fn(&Session), seen: &'static str, fields: &'static [&'static str]) {
    on_each_server!(|site| {
        let fill = |session: &Session| {
            session.data.set_user("ada");
            session.data.set_csrf("f00");
        };
        let mut browser = site.account(fill).await;
        let before = browser.clone();
        let reply = site.request(&mut browser, act).await;
        assert_eq!(reply.status, 200);
        assert_ne!(reply.set_cookie().value(), before.token());
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert!(site.stored(&before).await.is_none());
        assert_eq!(site.fields(&browser).await, fields);
        assert_eq!(site.live().await, 1);
        let reply = site.request(&mut browser, |s| format!("{} {:?}", user(s), s.data.csrf())).await;
        assert_eq!(reply.body, seen);
        assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
    });
}

/// Checks that `act` keeps the token of Ada's session and writes nothing.
async fn keeps(act: fn(&Session)) {
    on_each_server!(|site| {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        let before = site.stored(&browser).await;
        assert!(!site.request(&mut browser, act).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.stored(&browser).await, before);
    });
}

#[tokio::test]
async fn signing_in_gives_the_session_a_new_token_in_the_step_that_writes() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let before = browser.clone();
        let reply = site.request(&mut browser, |session| session.data.set_user("ada")).await;
        assert_ne!(reply.set_cookie().value(), before.token());
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        let reply = site.request(&mut browser, |s| format!("{} {:?}", user(s), s.data.csrf())).await;
        assert_eq!(reply.body, r#"ada Some("f00")"#);
        assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_token_from_before_signing_in_opens_nothing_afterwards() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let mut planted = browser.clone();
        site.request(&mut browser, |session| session.data.set_user("ada")).await;
        site.calls();
        let reply =
            site.request(&mut planted, |session| format!("{}{}", user(session), session.is_new())).await;
        assert_eq!(reply.body, "true");
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
    }
    on(Site::new()).await;
    #[cfg(feature = "cookie")]
    on(crate::sealed::site::revocable(&std::sync::Arc::default())).await;
}

#[tokio::test]
async fn setting_another_principal_renews_and_drops_the_rest() {
    renews(|session| session.data.set_user("eve"), "eve None", &["user"]).await;
}

#[tokio::test]
async fn clearing_the_principal_renews_and_drops_the_rest() {
    renews(|session| session.data.clear_user(), " None", &[]).await;
}

#[tokio::test]
async fn taking_the_principal_renews() {
    let take = |session: &Session| assert_eq!(session.data.take_user().as_deref(), Some("ada"));
    renews(take, " None", &[]).await;
}

#[tokio::test]
async fn changing_the_principal_in_place_renews() {
    let change = |session: &Session| session.data.update_user(|user| *user = Some("eve".into()));
    renews(change, "eve None", &["user"]).await;
}

#[tokio::test]
async fn clearing_the_session_of_someone_renews() {
    renews(Session::clear, " None", &[]).await;
}

#[tokio::test]
async fn renewing_and_changing_the_principal_at_once_is_one_renewal() {
    let act = |session: &Session| {
        session.renew();
        session.data.set_user("eve");
    };
    renews(act, "eve None", &["user"]).await;
    let act = |session: &Session| {
        session.renew_and_clear();
        session.data.set_user("eve");
    };
    renews(act, "eve None", &["user"]).await;
}

#[tokio::test]
async fn setting_the_same_principal_changes_nothing() {
    keeps(|session| session.data.set_user("ada")).await;
    keeps(|session| session.data.update_user(|user| *user = Some("ada".into()))).await;
}

#[tokio::test]
async fn a_principal_that_was_changed_and_put_back_changes_nothing() {
    keeps(|session| {
        session.data.set_user("eve");
        session.data.set_user("ada");
    })
    .await;
    keeps(|session| {
        let taken = session.data.take_user().unwrap();
        session.data.set_user(taken);
    })
    .await;
}

#[tokio::test]
async fn setting_the_same_principal_beside_a_change_writes_the_change_under_the_same_token() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        let act = |session: &Session| {
            session.data.set_user("ada");
            session.data.set_csrf("f00");
        };
        assert!(!site.request(&mut browser, act).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn clearing_the_session_of_nobody_keeps_its_token() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        assert!(!site.request(&mut browser, Session::clear).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(site.fields(&browser).await, [""; 0]);
    }
    on_each_server!(on);
}

async fn fails<S: Store>(site: &Site<S>, browser: &mut Browser, act: fn(&Session)) -> Reply {
    let act = move |session: &Session| {
        act(session);
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let reply = site.request(browser, act).await;
    assert_eq!(reply.status, 500);
    assert!(site.errors.take().is_empty());
    reply
}

#[tokio::test]
async fn signing_in_with_a_response_of_status_5xx_neither_saves_nor_renews() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let before = site.stored(&browser).await;
        let reply = fails(&site, &mut browser, |session| session.data.set_user("ada")).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.stored(&browser).await, before);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn asking_to_renew_counts_with_a_response_of_status_5xx_and_signing_in_does_not() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let act = |session: &Session| {
            session.renew();
            session.data.set_user("ada");
        };
        fails(&site, &mut browser, act).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(site.fields(&browser).await, ["csrf"]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn signing_in_without_a_session_creates_one() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        assert_eq!(site.request(&mut browser, user).await.body, "ada");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn signing_in_with_an_unknown_token_creates_a_session_under_another() {
    async fn on<S: Store>(site: Site<S>) {
        let planted = Site::new().account(|session| session.data.set_csrf("f00")).await;
        let mut browser = planted.clone();
        site.request(&mut browser, |session| session.data.set_user("ada")).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
        assert_ne!(browser.token(), planted.token());
        assert!(site.stored(&planted).await.is_none());
    }
    on_each_server!(on);
}

#[tokio::test]
async fn signing_in_after_the_response_is_refused_and_writes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let browser = site.account(|session| session.data.set_csrf("f00")).await;
        let open = site.open_as(&browser).await;
        let session: Session = open.session.clone();
        assert!(!open.respond(200).await.has_set_cookie());
        site.calls();
        let before = site.stored(&browser).await;
        session.data.set_user("ada");
        assert!(matches!(session.save().await, Err(Error::HeadersSent)));
        assert_eq!(site.errors.take().len(), 1);
        assert_eq!(site.calls(), []);
        assert_eq!(site.stored(&browser).await, before);
        session.data.clear_user();
        session.data.set_csrf("ba2");
        session.save().await.unwrap();
        assert_eq!(site.calls(), [Verb::Update]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn signing_in_keeps_handle_id_and_creation_and_counts_both_deadlines_anew() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let before = site.stored(&browser).await.unwrap().meta();
        site.at(1000);
        site.request(&mut browser, |session| session.data.set_user("ada")).await;
        let after = site.stored(&browser).await.unwrap().meta();
        assert_eq!(after.id, before.id);
        assert_eq!(after.created_at, before.created_at);
        assert_eq!(after.lifetime_deadline, before.lifetime_deadline.after(seconds(1000)));
        assert_eq!(after.idle_deadline, site.clock.now().after(seconds(1800)));
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_session_whose_principal_changes_twice_in_a_request_ends_under_the_last_token_only() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        let handler = |session: Session| async move {
            session.data.set_user("eve");
            session.save().await.unwrap();
            session.data.set_user("bob");
        };
        site.visit(&mut browser, handler).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew, Verb::Renew]);
        assert_eq!(site.request(&mut browser, user).await.body, "bob");
        assert_eq!(site.live().await, 1);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn signing_in_after_destroying_starts_a_session_that_knows_nothing_of_the_old_one() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let before = site.stored(&browser).await.unwrap().meta().id;
        let act = |session: &Session| {
            session.destroy();
            session.data.set_user("ada");
        };
        site.request(&mut browser, act).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
        assert_ne!(site.stored(&browser).await.unwrap().meta().id, before);
        assert_eq!(site.fields(&browser).await, ["user"]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn of_two_overlapping_sign_ins_one_holds_and_the_other_gets_no_cookie() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let [one, other] = site.open_twice(&browser).await;
        one.session.data.set_user("ada");
        other.session.data.set_user("eve");
        let reply = one.respond(200).await;
        assert!(!other.respond(200).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Renew, Verb::Renew]);
        assert_eq!(site.gone.take().len(), 1);
        browser.take_cookies(&reply);
        assert_eq!(site.request(&mut browser, user).await.body, "ada");
        assert_eq!(site.live().await, 1);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn what_a_request_from_before_signing_in_writes_afterwards_is_dropped() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let [late, login] = site.open_twice(&browser).await;
        late.session.data.set_csrf("planted");
        login.session.data.set_user("ada");
        browser.take_cookies(&login.respond(200).await);
        let reply = late.respond(200).await;
        assert_eq!(reply.status, 200);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.gone.take().len(), 1);
        let reply = site.request(&mut browser, |session| session.data.csrf().unwrap()).await;
        assert_eq!(reply.body, "f00");
    }
    on_each_server!(on);
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_stored_is_an_error_and_leaves_the_session_to_nobody() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        site.store.break_down(Verb::Renew);
        let reply = site.request(&mut browser, |session| session.data.set_user("ada")).await;
        assert!(reply.status.is_server_error());
        assert!(!reply.has_set_cookie());
        assert_eq!(site.errors.take().len(), 1);
        assert_eq!(site.fields(&browser).await, ["csrf"]);
    }
    on_each_server!(on);
}

#[tokio::test]
async fn listeners_are_called_once_for_a_session_whose_principal_changes_and_see_its_new_owner() {
    let seen = Log::default();
    let store: SpyStore = SpyStore::default();
    let listen = |builder: Builder<SessionManager<Account>>| {
        let seen = seen.clone();
        builder.on_regenerated(move |_, data| seen.push(data.user().unwrap_or_default()))
    };
    let (_, site) = Site::build(SessionManager::builder(store.clone()), store, listen, SessionManager::layer);
    let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
    assert!(seen.take().is_empty());
    for _ in 0..2 {
        site.request(&mut browser, |session| session.data.set_user("ada")).await;
    }
    assert_eq!(seen.take(), ["ada"]);
}
