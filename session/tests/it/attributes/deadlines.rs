//! Deadlines set by a request.

use session::{Error, Meta, Store, Timestamp, Touch};

use super::account::{Session, managed};
use super::{on_each_server, on_each_store};
use crate::support::{Browser, Site, Verb, seconds};

const DAY: u64 = 24 * 60 * 60;
const IDLE: u64 = 1800;

/// Idle timeout, and seconds after the site's start until idle and lifetime deadline; whether the cookie is persistent.
type Times = (u64, u64, u64, bool);

fn times<S>(site: &Site<S>, meta: Meta) -> Times {
    let after_start = |time: Timestamp| time.since(site.start).as_secs();
    let deadlines = (after_start(meta.idle_deadline), after_start(meta.lifetime_deadline));
    (meta.idle_timeout.as_secs(), deadlines.0, deadlines.1, meta.remember)
}

async fn stored<S: Store>(site: &Site<S>, browser: &Browser) -> Times {
    times(site, site.stored(browser).await.unwrap().meta())
}

#[tokio::test]
async fn one_call_remembers_a_session_for_so_long() {
    async fn on<S: Store>(site: Site<S>) {
        let sign_in = |session: &Session| {
            session.data.set_user("ada");
            session.remember_for(seconds(30 * DAY));
        };
        let mut browser = Browser::new();
        let cookie = site.request(&mut browser, sign_in).await;
        let age = cookie.set_cookie().max_age().unwrap().whole_seconds();
        assert_eq!(age.unsigned_abs(), 30 * DAY);
        assert_eq!(stored(&site, &browser).await, (30 * DAY, 30 * DAY, 30 * DAY, true));
        site.at(29 * DAY);
        assert_eq!(site.request(&mut browser, |session| session.data.user().unwrap()).await.body, "ada");
        site.at(30 * DAY);
        let nobody = site.request(&mut browser, |session| session.data.user().unwrap_or_default());
        assert_eq!(nobody.await.body, "");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn a_session_that_is_remembered_later_is_so_from_then() {
    on_each_server!(|site| {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        site.at(1000);
        site.request(&mut browser, |session| session.remember_for(seconds(7 * DAY))).await.set_cookie();
        assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
        assert_eq!(stored(&site, &browser).await, (7 * DAY, 1000 + 7 * DAY, 1000 + 7 * DAY, true));
    });
}

#[tokio::test]
async fn the_deadlines_of_the_settings_can_be_had_back() {
    async fn on<S: Store>(site: Site<S>) {
        let remembered = |session: &Session| {
            session.data.set_user("ada");
            session.remember_for(seconds(30 * DAY));
        };
        let mut browser = site.account(remembered).await;
        site.at(1000);
        let reply = site.request(&mut browser, Session::reset_deadlines).await;
        assert_eq!(reply.set_cookie().max_age(), None);
        assert_eq!(stored(&site, &browser).await, (IDLE, 1000 + IDLE, DAY, false));
        let before = site.stored(&browser).await;
        site.calls();
        assert!(!site.request(&mut browser, Session::reset_deadlines).await.has_set_cookie());
        assert_eq!((site.calls(), site.stored(&browser).await), (vec![Verb::Load], before));
    }
    on_each_store!(on);
}

#[tokio::test]
async fn what_is_set_before_a_reset_is_dropped_and_what_is_set_after_it_applies() {
    type Case = (fn(&Session), Times);
    let acts: [Case; 4] = [
        (|session| session.set_idle_timeout(seconds(60)), (60, 1060, DAY, false)),
        (|session| session.set_lifetime(seconds(5000)), (IDLE, 1000 + IDLE, 5000, false)),
        (|session| session.remember(true), (IDLE, 1000 + IDLE, DAY, true)),
        (Session::authenticated, (IDLE, 1000 + IDLE, 1000 + DAY, false)),
    ];
    for (act, expected) in acts {
        on_each_server!(|site| {
            let sign_in = |session: &Session| {
                session.data.set_user("ada");
                session.remember_for(seconds(30 * DAY));
            };
            let mut browser = site.account(sign_in).await;
            site.at(1000);
            site.request(&mut browser, move |session| {
                session.remember_for(seconds(60 * DAY));
                session.reset_deadlines();
                act(session);
            })
            .await;
            assert_eq!(stored(&site, &browser).await, expected);
        });
    }
}

#[tokio::test]
async fn a_session_ends_at_the_point_in_time_it_was_given_however_much_it_is_used() {
    async fn on<S: Store>(site: Site<S>) {
        let mut browser = site.account(|session| session.data.set_user("ada")).await;
        let end = site.start.after(seconds(3000));
        site.request(&mut browser, move |session| session.set_end(end)).await;
        assert_eq!(stored(&site, &browser).await, (IDLE, IDLE, 3000, false));
        for second in [1000, 2000, 2999] {
            site.at(second);
            assert_eq!(site.request(&mut browser, |session| session.data.user().unwrap()).await.body, "ada");
        }
        site.at(3000);
        let nobody = site.request(&mut browser, |session| session.data.user().unwrap_or_default());
        assert_eq!(nobody.await.body, "");
    }
    on_each_store!(on);
}

#[tokio::test]
async fn an_end_that_has_passed_destroys_the_session_and_deletes_the_cookie() {
    let acts: [fn(&Session); 4] = [
        |_| {},
        Session::renew,
        |session| session.data.set_user("eve"),
        |session| session.data.set_cart(["tea".to_owned()]),
    ];
    for act in acts {
        on_each_server!(|site| {
            let mut browser = site.account(|session| session.data.set_user("ada")).await;
            site.at(1000);
            let end = site.start.after(seconds(1000));
            site.request(&mut browser, move |session| {
                act(session);
                session.set_end(end);
            })
            .await
            .set_cookie();
            assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
            assert!(browser.cookies.is_empty());
            assert_eq!(site.live().await, 0);
            assert!(site.errors.take().is_empty() && site.gone.take().is_empty());
        });
    }
}

#[tokio::test]
async fn a_session_whose_end_has_passed_is_not_created() {
    on_each_server!(|site| {
        let end = site.start;
        let mut browser = Browser::new();
        let reply = site.request(&mut browser, move |session| {
            session.data.set_user("ada");
            session.set_end(end);
        });
        assert!(!reply.await.has_set_cookie());
        assert_eq!((site.calls(), site.live().await), (vec![], 0));
        assert!(site.errors.take().is_empty());
    });
}

#[tokio::test]
async fn meta_shows_what_the_handler_requested_and_what_the_commit_then_stores() {
    let acts: [fn(&Session); 10] = [
        |session| session.set_idle_timeout(seconds(60)),
        |session| session.set_lifetime(seconds(5000)),
        |session| session.remember_for(seconds(60 * DAY)),
        |session| session.set_end(Timestamp::NEVER),
        Session::reset_deadlines,
        Session::authenticated,
        |session| session.data.clear_user(),
        |session| {
            session.data.set_user("eve");
            session.set_idle_timeout(seconds(60));
        },
        |session| {
            session.authenticated();
            session.remember_for(seconds(60 * DAY));
        },
        |session| {
            session.renew_and_clear();
            session.reset_deadlines();
        },
    ];
    for act in acts {
        let (manager, site) = managed();
        let session = manager.create().await.unwrap();
        session.data.set_user("ada");
        session.set_idle_timeout(seconds(4000));
        session.save().await.unwrap();
        site.at(1000);
        session.set_touch(Touch::Never);
        act(&session);
        let shown = session.meta().unwrap();
        session.save().await.unwrap();
        let stored = manager.get(&session.token().unwrap()).await.unwrap().meta().unwrap();
        assert_eq!(times(&site, shown), times(&site, stored));
        assert_eq!(shown.authenticated_at, stored.authenticated_at);
        assert_eq!(session.meta(), Some(stored));
    }
}

#[tokio::test]
async fn signing_in_is_shown_before_it_is_stored() {
    let (manager, site) = managed();
    let session = manager.create().await.unwrap();
    site.at(1000);
    session.data.set_user("ada");
    let shown = session.meta().unwrap();
    assert_eq!(times(&site, shown), (IDLE, 1000 + IDLE, 1000 + DAY, false));
    session.save().await.unwrap();
    assert_eq!(session.meta(), Some(shown));
}

#[tokio::test]
async fn a_response_that_fails_leaves_the_deadlines_as_they_were() {
    let acts: [fn(&Session); 3] = [
        |session| session.remember_for(seconds(60)),
        |session| session.set_end(Timestamp::from_millis(0)),
        Session::reset_deadlines,
    ];
    for act in acts {
        on_each_server!(|site| {
            let kept = |session: &Session| {
                session.data.set_user("ada");
                session.set_lifetime(seconds(7 * DAY));
            };
            let mut browser = site.account(kept).await;
            let before = site.stored(&browser).await;
            site.request(&mut browser, move |session| {
                act(session);
                http::StatusCode::INTERNAL_SERVER_ERROR
            })
            .await;
            assert_eq!((site.calls(), site.stored(&browser).await), (vec![Verb::Load], before));
        });
    }
}

#[tokio::test]
async fn deadlines_for_a_session_that_was_destroyed_meanwhile_do_not_bring_it_back() {
    on_each_server!(|site| {
        let browser = site.account(|session| session.data.set_user("ada")).await;
        let [one, other] = site.open_twice(&browser).await;
        one.session.remember_for(seconds(DAY));
        other.session.destroy();
        other.respond(200).await.set_cookie();
        assert!(!one.respond(200).await.has_set_cookie());
        assert_eq!((site.live().await, site.gone.take().len()), (0, 1));
    });
    let (manager, site) = managed();
    let session = manager.create().await.unwrap();
    manager.clear().await.unwrap();
    session.set_end(site.start.after(seconds(60)));
    assert!(matches!(session.save().await, Err(Error::Gone)));
}
