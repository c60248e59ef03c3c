//! Time of authentication of a session's principal.

use http::StatusCode;
use session::{Error, Meta, Store, StoreError};

use super::account::{Session, managed};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site, Verb, seconds};

/// Returns the meta of the stored session in a browser's jar.
async fn meta<S: Store>(site: &Site<S>, browser: &Browser) -> Meta {
    site.stored(browser).await.unwrap().meta()
}

/// Returns time of authentication and both deadlines, in seconds after the site's start.
async fn times<S: Store>(site: &Site<S>, browser: &Browser) -> (Option<u64>, u64, u64) {
    let meta = meta(site, browser).await;
    let after_start = |time: session::Timestamp| time.since(site.start).as_secs();
    let deadlines = (after_start(meta.idle_deadline), after_start(meta.lifetime_deadline));
    (meta.authenticated_at.map(after_start), deadlines.0, deadlines.1)
}

const DAY: u64 = 24 * 60 * 60;
const IDLE: u64 = 1800;

/// Returns a session whose user signed in twenty minutes ago, ten minutes after its creation.
async fn adas<S: Store>(site: &Site<S>) -> Browser {
    let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
    assert_eq!(times(site, &browser).await, (None, IDLE, DAY));
    site.at(600);
    site.request(&mut browser, |session| session.data.set_user("ada")).await.set_cookie();
    assert_eq!(times(site, &browser).await, (Some(600), 600 + IDLE, 600 + DAY));
    site.at(1800);
    site.calls();
    browser
}

#[tokio::test]
async fn signing_in_notes_the_time_and_signing_out_forgets_it() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = adas(&site).await;
        site.request(&mut browser, |session| session.data.set_user("eve")).await.set_cookie();
        assert_eq!(times(&site, &browser).await, (Some(1800), 1800 + IDLE, 1800 + DAY));
        site.at(2000);
        site.request(&mut browser, |session| session.data.clear_user()).await.set_cookie();
        assert_eq!(times(&site, &browser).await, (None, 2000 + IDLE, 2000 + DAY));
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_session_that_begins_with_a_principal_has_the_time_and_one_without_has_none() {
    async fn on<S: Store>(site: Site<S>) {
        let begins = site.account(|session| session.data.set_user("ada")).await;
        assert_eq!(times(&site, &begins).await, (Some(0), IDLE, DAY));
        let anonymous = site.account(|session| {
            session.data.set_csrf("f00");
            session.authenticated();
        });
        assert_eq!(times(&site, &anonymous.await).await.0, None);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn the_same_person_who_authenticates_gets_a_new_token_the_time_and_both_deadlines_anew_in_one_write() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = adas(&site).await;
        let before = (browser.clone(), meta(&site, &browser).await);
        let reply = site.request(&mut browser, Session::authenticated).await;
        assert_ne!(reply.set_cookie().value(), before.0.token());
        assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
        assert_eq!(times(&site, &browser).await, (Some(1800), 1800 + IDLE, 1800 + DAY));
        assert_eq!(meta(&site, &browser).await.id, before.1.id);
        let reply = site.request(&mut browser, |s| format!("{:?} {:?}", s.data.user(), s.data.csrf())).await;
        assert_eq!(reply.body, r#"Some("ada") Some("f00")"#);
        site.at(3000);
        site.request(&mut browser, Session::authenticated).await.set_cookie();
        assert_eq!(
            times(&site, &browser).await,
            (Some(3000), 3000 + IDLE, 3000 + DAY),
            "the lifetime does not grow"
        );
        assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
    }
    on_each_store!(on);
}

#[tokio::test]
async fn authenticating_goes_along_with_other_changes_in_any_order() {
    let acts: [fn(&Session); 5] = [
        |session| {
            session.authenticated();
            session.data.set_csrf("b00");
        },
        |session| {
            session.data.set_csrf("b00");
            session.authenticated();
        },
        |session| {
            session.authenticated();
            session.renew();
            session.data.set_csrf("b00");
            session.data.set_user("ada");
        },
        |session| {
            session.data.set_user("eve");
            session.data.set_user("ada");
            session.authenticated();
            session.data.set_csrf("b00");
        },
        |session| {
            session.renew_and_clear();
            session.data.set_user("ada");
            session.data.set_csrf("b00");
            session.authenticated();
        },
    ];
    for act in acts {
        on_each_server!(|site| {
            let mut browser = adas(&site).await;
            site.request(&mut browser, act).await.set_cookie();
            assert_eq!(site.calls(), [Verb::Load, Verb::Renew]);
            assert_eq!(times(&site, &browser).await, (Some(1800), 1800 + IDLE, 1800 + DAY));
            assert_eq!(site.request(&mut browser, |s| s.data.csrf().unwrap()).await.body, "b00");
        });
    }
}

#[tokio::test]
async fn deadlines_that_the_same_request_sets_win() {
    let acts: [fn(&Session); 4] = [
        Session::authenticated,
        |session| session.data.set_user("eve"),
        |session| {
            session.destroy();
            session.data.set_user("ada");
        },
        |session| {
            session.data.clear_user();
            session.data.set_user("ada");
            session.authenticated();
        },
    ];
    for act in acts {
        on_each_server!(|site| {
            let mut browser = adas(&site).await;
            site.request(&mut browser, move |session| {
                act(session);
                session.set_idle_timeout(seconds(60));
                session.set_lifetime(seconds(90));
            })
            .await
            .set_cookie();
            assert_eq!(times(&site, &browser).await, (Some(1800), 1860, 1890));
        });
    }
}

#[tokio::test]
async fn a_lifetime_that_is_set_later_counts_from_the_authentication() {
    on_each_server!(|site| {
        let mut browser = adas(&site).await;
        site.request(&mut browser, |session| session.set_lifetime(seconds(3000))).await;
        assert_eq!(times(&site, &browser).await.2, 600 + 3000);
    });
}

#[tokio::test]
async fn authenticating_without_a_principal_changes_nothing() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_csrf("f00")).await;
        let before = site.stored(&browser).await;
        assert!(!site.request(&mut browser, Session::authenticated).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.stored(&browser).await, before);
        let reply = site.request(&mut Browser::new(), Session::authenticated).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), []);
    }
    on_each_store!(on);
}

#[tokio::test]
async fn of_a_response_that_fails_neither_the_token_nor_the_time_nor_the_deadlines_stay() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = adas(&site).await;
        site.request(&mut browser, |session| session.set_touch(session::Touch::Never)).await;
        let before = site.stored(&browser).await;
        site.calls();
        let reply = site.request(&mut browser, |session| {
            session.authenticated();
            session.set_touch(session::Touch::Never);
            session.data.set_csrf("b00");
            StatusCode::INTERNAL_SERVER_ERROR
        });
        assert!(!reply.await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.stored(&browser).await, before);

        let reply = site.request(&mut browser, |session| {
            session.authenticated();
            session.renew();
            StatusCode::INTERNAL_SERVER_ERROR
        });
        reply.await.set_cookie();
        assert_eq!(times(&site, &browser).await.0, Some(600), "renewed, and not authenticated");

        let signs_in = |session: &Session| {
            session.data.set_user("eve");
            StatusCode::INTERNAL_SERVER_ERROR
        };
        site.request(&mut browser, signs_in).await.set_cookie();
        assert_eq!(times(&site, &browser).await.0, None, "signed out, and nobody signed in");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn of_two_requests_that_authenticate_at_once_one_renews_and_the_other_finds_the_session_gone() {
    on_each_server!(|site| {
        let browser = adas(&site).await;
        let [one, other] = site.open_twice(&browser).await;
        one.session.authenticated();
        other.session.authenticated();
        let mut renewed = browser.clone();
        renewed.take_cookies(&one.respond(200).await);
        let reply = other.respond(200).await;
        assert!(!reply.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Renew, Verb::Renew]);
        assert_eq!(site.gone.take().len(), 1);
        assert_eq!(site.live().await, 1);
        assert_eq!(times(&site, &renewed).await, (Some(1800), 1800 + IDLE, 1800 + DAY));
    });
}

#[tokio::test]
async fn a_session_that_was_destroyed_meanwhile_is_not_brought_back_by_authenticating() {
    on_each_server!(|site| {
        let browser = adas(&site).await;
        let [one, other] = site.open_twice(&browser).await;
        one.session.authenticated();
        other.session.destroy();
        other.respond(200).await.set_cookie();
        assert!(!one.respond(200).await.has_set_cookie());
        assert_eq!((site.live().await, site.gone.take().len()), (0, 1));
    });
}

#[tokio::test]
async fn by_hand_it_is_saved_once_and_what_is_saved_later_is_no_authentication() {
    let (manager, site) = managed();
    let session = manager.create().await.unwrap();
    session.data.set_user("ada");
    session.save().await.unwrap();
    site.at(600);
    let token = session.token();
    session.authenticated();
    site.store.fail(Verb::Renew, || StoreError::Unavailable("off".into()));
    site.at(700);
    assert!(matches!(session.save().await, Err(Error::Save(_))));
    site.store.recover();
    session.save().await.unwrap();
    assert_ne!(session.token(), token);
    assert_eq!(session.authenticated_at(), Some(site.start.after(seconds(600))), "when it was said");
    let token = session.token();
    session.save().await.unwrap();
    session.data.set_csrf("f00");
    session.save().await.unwrap();
    assert_eq!(session.token(), token);
    let listed = manager.sessions_of("ada").await.unwrap();
    assert_eq!(listed[0].meta.authenticated_at, Some(site.start.after(seconds(600))));
    site.errors.take();
    session.authenticated();
    drop(session);
    assert_eq!(site.errors.take().len(), 1, "nobody saved it");
}
