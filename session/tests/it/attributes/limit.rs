//! The limit of sessions per principal.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::StatusCode;
use session::{ConfigError, Error, Evict, MemoryStore, SessionLayer, SessionManager, Store};
use tokio::sync::Barrier;

use super::account::{Account, Session};
use super::on_each_managed;
use crate::support::{Bag, Browser, Log, Reply, Site, Verb};

type Builder = session::Builder<SessionManager<Account>>;

/// Sets the maximum number of sessions per user.
fn limited_to(max: usize, evict: Evict) -> impl Fn(Builder) -> Builder {
    limited_with_log(max, evict, Log::default())
}

/// The same, with a log of the calls of `on_deleted`.
fn limited_with_log(max: usize, evict: Evict, deleted: Log) -> impl Fn(Builder) -> Builder {
    move |builder| {
        let deleted = deleted.clone();
        builder.max_sessions_per_principal(max, evict).on_deleted(move |id, _| deleted.push(id.to_string()))
    }
}

async fn sign_in<S: Store>(site: &Site<S>, browser: &mut Browser, user: &'static str) -> Reply {
    site.request(browser, move |session| session.data.set_user(user)).await
}

/// Returns a visitor who just signed in.
async fn signed_in<S: Store>(site: &Site<S>, user: &'static str) -> Browser {
    let mut browser = Browser::new();
    sign_in(site, &mut browser, user).await.set_cookie();
    assert_eq!(site.calls(), [Verb::CreateLimited]);
    browser
}

/// Returns the principal of a visitor's session, if any.
async fn user_of<S: Store>(site: &Site<S>, browser: &Browser) -> String {
    let whose = |session: Session| async move { session.data.user().unwrap_or_default() };
    let user = site.visit_as(browser, whose).await.body;
    site.calls();
    user
}

#[tokio::test]
async fn signing_in_once_more_ends_the_session_that_signed_in_longest_ago() {
    let deleted = Log::default();
    on_each_managed!(limited_with_log(2, Evict::Oldest, deleted.clone()), |_, site| {
        let one = signed_in(&site, "ada").await;
        let two = signed_in(&site, "ada").await;
        let three = signed_in(&site, "ada").await;
        assert_eq!(user_of(&site, &one).await, "");
        assert_eq!(user_of(&site, &two).await, "ada");
        assert_eq!(user_of(&site, &three).await, "ada");
        assert_eq!(site.live().await, 2);
        assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
        assert_eq!(deleted.take().len(), 1);
    });
}

#[tokio::test]
async fn an_old_session_that_signs_in_late_is_not_the_oldest() {
    on_each_managed!(limited_to(2, Evict::Oldest), |_, site| {
        let mut early = site.account(|session| session.data.set_csrf("f00")).await;
        site.at(60);
        let late = signed_in(&site, "ada").await;
        sign_in(&site, &mut early, "ada").await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::RenewLimited]);
        signed_in(&site, "ada").await;
        assert_eq!(user_of(&site, &late).await, "");
        assert_eq!(user_of(&site, &early).await, "ada");
    });
}

#[tokio::test]
async fn a_sign_in_too_many_is_a_conflict_and_changes_nothing() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        let first = signed_in(&site, "ada").await;
        let mut anonymous = site.account(|session| session.data.set_csrf("f00")).await;
        let before = site.stored(&anonymous).await;
        let reply = sign_in(&site, &mut anonymous, "ada").await;
        assert_eq!(reply.status, StatusCode::CONFLICT);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::RenewLimited]);
        assert_eq!(site.stored(&anonymous).await, before);
        assert_eq!(user_of(&site, &first).await, "ada");
        assert_eq!(
            site.errors.take(),
            ["the user has as many sessions as are allowed; nothing was written, end one of them first"]
        );

        let mut nobody = Browser::new();
        let reply = sign_in(&site, &mut nobody, "ada").await;
        assert_eq!(reply.status, StatusCode::CONFLICT);
        assert!(!reply.has_set_cookie());
        assert_eq!(site.live().await, 2);
    });
}

#[tokio::test]
async fn a_handler_that_receives_a_refusal_shows_its_page_and_the_session_stays_anonymous() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        signed_in(&site, "ada").await;
        let handler = |session: Session| async move {
            session.data.set_user("ada");
            assert!(matches!(session.save().await, Err(Error::TooManySessions)));
            assert_eq!(session.data.user(), None, "nobody signed in");
            "sign out elsewhere first"
        };
        let mut anonymous = site.account(|session| session.data.set_csrf("f00")).await;
        let reply = site.visit(&mut anonymous, handler).await;
        assert_eq!((reply.status, &*reply.body), (StatusCode::OK, "sign out elsewhere first"));
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load, Verb::RenewLimited]);

        let reply = site.visit(&mut Browser::new(), handler).await;
        assert_eq!(&*reply.body, "sign out elsewhere first");
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::CreateLimited]);
        assert_eq!(site.live().await, 2);
        assert!(site.errors.take().is_empty(), "the refusal was already returned to the caller");
    });
}

#[tokio::test]
async fn what_a_request_changed_together_with_a_refused_sign_in_is_saved_with_its_response() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        signed_in(&site, "ada").await;
        let handler = |session: Session| async move {
            session.data.set_user("ada");
            session.data.set_theme("dark");
            assert!(matches!(session.save().await, Err(Error::TooManySessions)));
            session.data.set_notice("sign out elsewhere first");
        };
        let mut anonymous = site.account(|session| session.data.set_csrf("f00")).await;
        site.visit(&mut anonymous, handler).await;
        assert_eq!(site.calls(), [Verb::Load, Verb::RenewLimited, Verb::Update]);
        assert_eq!(site.fields(&anonymous).await, ["csrf", "notice", "theme"]);
    });
}

#[tokio::test]
async fn who_may_have_one_session_has_the_last() {
    on_each_managed!(limited_to(1, Evict::Oldest), |manager, site| {
        let mut last = signed_in(&site, "ada").await;
        for _ in 0..3 {
            let next = signed_in(&site, "ada").await;
            assert_eq!(user_of(&site, &last).await, "");
            last = next;
        }
        assert_eq!(user_of(&site, &last).await, "ada");
        assert_eq!(manager.count().await.unwrap(), 1);
    });
}

#[tokio::test]
async fn signing_in_again_as_the_same_user_in_the_same_session_takes_no_second_place() {
    for evict in [Evict::Oldest, Evict::Reject] {
        on_each_managed!(limited_to(2, evict), |manager, site| {
            let other = signed_in(&site, "ada").await;
            let mut browser = signed_in(&site, "ada").await;
            sign_in(&site, &mut browser, "ada").await;
            assert_eq!(site.calls(), [Verb::Load], "nothing changed");
            let again = |session: &Session| {
                session.renew();
                session.data.set_user("ada");
            };
            site.request(&mut browser, again).await.set_cookie();
            assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
            site.request(&mut browser, |session| session.data.set_theme("dark")).await;
            assert_eq!(user_of(&site, &other).await, "ada");
            assert_eq!(user_of(&site, &browser).await, "ada");
            assert_eq!(manager.count().await.unwrap(), 2);
        });
    }
}

#[tokio::test]
async fn a_session_that_starts_over_with_its_user_frees_its_own_place_first() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        let mut browser = signed_in(&site, "ada").await;
        let start_over = |session: &Session| {
            session.destroy();
            session.data.set_user("ada");
        };
        site.request(&mut browser, start_over).await.set_cookie();
        assert_eq!(user_of(&site, &browser).await, "ada");
        assert_eq!(site.live().await, 1);
    });
}

#[tokio::test]
async fn signing_out_frees_a_place() {
    let sign_outs: [fn(&Session); 4] = [
        Session::destroy,
        |session| session.data.clear_user(),
        Session::clear,
        |session| {
            session.data.set_user("eve");
        },
    ];
    for sign_out in sign_outs {
        on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
            let mut browser = signed_in(&site, "ada").await;
            site.request(&mut browser, sign_out).await;
            site.calls();
            let other = signed_in(&site, "ada").await;
            assert_eq!(user_of(&site, &other).await, "ada");
        });
    }
}

#[tokio::test]
async fn expiring_frees_a_place() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        signed_in(&site, "ada").await;
        site.at(1799);
        assert_eq!(sign_in(&site, &mut Browser::new(), "ada").await.status, StatusCode::CONFLICT);
        site.at(1800);
        site.calls();
        signed_in(&site, "ada").await;
    });
}

#[tokio::test]
async fn principals_do_not_disturb_each_other_nor_the_anonymous() {
    for evict in [Evict::Oldest, Evict::Reject] {
        on_each_managed!(limited_to(1, evict), |_, site| {
            let ada = signed_in(&site, "ada").await;
            let anonymous = site.account(|session| session.data.set_device("ada")).await;
            let eve = signed_in(&site, "eve").await;
            let empty = signed_in(&site, "").await;
            assert_eq!(user_of(&site, &ada).await, "ada");
            assert_eq!(user_of(&site, &eve).await, "eve");
            assert!(site.stored(&anonymous).await.is_some() && site.stored(&empty).await.is_some());
        });
    }
}

#[tokio::test]
async fn a_site_without_a_cap_uses_the_verbs_without_one() {
    on_each_managed!(|builder| builder, |_, site| {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        sign_in(&site, &mut browser, "eve").await;
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
    });
}

#[tokio::test]
async fn a_layer_caps_sessions_too() {
    let configure =
        |builder: session::Builder<SessionLayer>| builder.max_sessions_per_principal(1, Evict::Reject);
    let site = Site::with(configure);
    signed_in(&site, "ada").await;
    assert_eq!(sign_in(&site, &mut Browser::new(), "ada").await.status, StatusCode::CONFLICT);
    site.calls();
    site.visitor("a visitor whose databag has no principal").await;
}

#[tokio::test]
async fn by_hand_a_session_too_many_is_an_error() {
    on_each_managed!(limited_to(1, Evict::Reject), |manager, _site| {
        let session = manager.create().await.unwrap();
        session.data.set_user("ada");
        session.save().await.unwrap();
        let other = manager.create().await.unwrap();
        let token = other.token();
        other.data.set_user("ada");
        assert!(matches!(other.save().await, Err(Error::TooManySessions)));
        assert_eq!(other.token(), token);
        other.save().await.unwrap();
        assert_eq!(manager.get(token.unwrap()).await.unwrap().data.user(), None);
        session.data.clear_user();
        session.save().await.unwrap();
        other.data.set_user("ada");
        other.save().await.unwrap();
        let mut bag = Account::default();
        bag.user = Some("ada".to_owned());
        assert!(matches!(manager.create_with(bag).await, Err(Error::TooManySessions)));
    });
}

#[tokio::test]
async fn a_refusal_after_the_response_is_reported_like_any_token_that_comes_too_late() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        signed_in(&site, "ada").await;
        let browser = site.account(|session| session.data.set_csrf("f00")).await;
        let request = site.open_as::<Account>(&browser).await;
        let session = request.session.clone();
        request.respond(200).await;
        session.data.set_user("ada");
        assert!(matches!(session.save().await, Err(Error::HeadersSent)));
        session.reload().await.unwrap();
    });
}

#[test]
fn a_limit_that_cannot_work_is_refused_when_built() {
    let built = |max| {
        let builder = SessionManager::<Account>::builder(MemoryStore::new());
        builder.max_sessions_per_principal(max, Evict::Oldest).build().err()
    };
    assert_eq!(built(1), None);
    assert_eq!(built(0), Some(ConfigError::NoSessions));
    let builder = SessionManager::<Bag>::builder(MemoryStore::new());
    let built = builder.max_sessions_per_principal(1, Evict::Oldest).build();
    assert_eq!(built.err(), Some(ConfigError::NoPrincipal));
}

#[cfg(feature = "cookie")]
#[test]
fn a_store_that_keeps_no_sessions_cannot_limit_them_and_building_fails() {
    let store = crate::sealed::site::stateless().store;
    let built = SessionLayer::builder(store).max_sessions_per_principal(1, Evict::Reject).build();
    let Some(error @ ConfigError::LimitUnsupported { .. }) = built.err() else { panic!("it was built") };
    assert!(error.to_string().contains("use a store on the server"));
}

/// Fifty visitors sign in concurrently, half of them with an existing session. Returns their cookies, and how many were
/// refused.
async fn sign_in_concurrently<S: Store>(site: &Arc<Site<S>>) -> (Vec<Browser>, usize) {
    let start = Arc::new(Barrier::new(50));
    let mut requests = Vec::new();
    for visitor in 0..50 {
        let mut browser = Browser::new();
        if visitor % 2 == 0 {
            site.request(&mut browser, |session: &Session| session.data.set_csrf("f00")).await;
        }
        let (site, start) = (Arc::clone(site), Arc::clone(&start));
        requests.push(tokio::spawn(async move {
            start.wait().await;
            let reply = sign_in(&site, &mut browser, "ada").await;
            (browser, reply.status)
        }));
    }
    let (mut browsers, mut refused) = (Vec::new(), 0);
    for request in requests {
        let (browser, status) = request.await.unwrap();
        refused += usize::from(status == StatusCode::CONFLICT);
        browsers.push(browser);
    }
    (browsers, refused)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_concurrent_sign_ins_the_last_stay() {
    for max in [1, 2, 7] {
        on_each_managed!(limited_to(max, Evict::Oldest), |manager, site| {
            let site = Arc::new(site);
            let (browsers, refused) = sign_in_concurrently(&site).await;
            assert_eq!(refused, 0);
            let mut live = BTreeSet::new();
            for browser in &browsers {
                live.extend(site.stored(browser).await.map(|record| record.meta().id));
            }
            assert_eq!(live.len(), max);
            assert_eq!(manager.sessions_of("ada").await.unwrap().len(), max);
            assert_eq!(site.live().await, max as u64);
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_concurrent_sign_ins_no_more_than_the_limit_succeed() {
    for max in [1, 2, 7] {
        on_each_managed!(limited_to(max, Evict::Reject), |manager, site| {
            let site = Arc::new(site);
            let watcher = {
                let manager = manager.clone();
                tokio::spawn(async move {
                    let mut seen = 0;
                    while seen < max {
                        let found = manager.sessions_of("ada").await.unwrap().len();
                        assert!(found <= max, "{found} of {max} at one moment");
                        seen = seen.max(found);
                        tokio::task::yield_now().await;
                    }
                })
            };
            let (browsers, refused) = sign_in_concurrently(&site).await;
            watcher.await.unwrap();
            assert_eq!(refused, 50 - max);
            let mut signed_in = 0;
            for browser in browsers.iter().filter(|browser| !browser.cookies.is_empty()) {
                signed_in += usize::from(user_of(&site, browser).await == "ada");
            }
            assert_eq!(signed_in, max);
        });
    }
}

#[tokio::test]
async fn the_refusal_leaves_a_page_of_the_applications_own() {
    on_each_managed!(limited_to(1, Evict::Reject), |_, site| {
        signed_in(&site, "ada").await;
        let login = |session: Session| async move {
            session.data.set_user("ada");
            match session.save().await {
                Err(Error::TooManySessions) => (StatusCode::FORBIDDEN, "too many devices"),
                saved => {
                    saved.unwrap();
                    (StatusCode::OK, "welcome")
                }
            }
        };
        let reply = site.visit_as(&Browser::new(), login).await;
        assert_eq!((reply.status, &*reply.body), (StatusCode::FORBIDDEN, "too many devices"));
    });
}

#[derive(session::Databag)]
struct Guest {
    #[databag(principal, default = "guest")]
    user: Option<String>,
}

#[tokio::test]
async fn sessions_without_a_principal_are_not_counted_although_the_default_principal_is_stored() {
    let builder = SessionManager::<Guest>::builder(MemoryStore::new());
    let manager = builder.max_sessions_per_principal(1, Evict::Reject).build().unwrap();
    for _ in 0..3 {
        let session = manager.create().await.unwrap();
        session.data.set_user("ada");
        session.save().await.unwrap();
        session.data.clear_user();
        session.save().await.unwrap();
        assert_eq!(manager.get(session.token().unwrap()).await.unwrap().data.user(), None);
    }
    assert_eq!(manager.count().await.unwrap(), 3);
    let nobody = <Guest as session::Databag>::Accessors::clear_user;
    assert!(matches!(manager.sessions_where(nobody).await, Err(Error::NotIndexed)));
}
