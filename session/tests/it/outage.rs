//! Outages: a store that fails or hangs.

use axum::response::IntoResponse;
use http::StatusCode;
use session::{SessionRejection, StoreError, Touch};

use crate::support::{Browser, Reply, Session, Site, Verb, seconds};

const VERBS: [Verb; 6] = [Verb::Load, Verb::Create, Verb::Update, Verb::Touch, Verb::Renew, Verb::Destroy];

/// Asserts that the reply replaces the handler's: only a status.
fn assert_bare(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status);
    assert_eq!(reply.body, "");
    assert!(!reply.has_set_cookie());
}

#[tokio::test]
async fn a_load_that_fails_answers_503_without_running_the_handler_or_deleting_the_cookie() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let token = browser.token().to_owned();
    site.store.break_down(Verb::Load);
    let reply = site.visit(&mut browser, |_: Session| async { "the handler ran" }).await;
    assert_bare(&reply, 503);
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be loaded: the session store is unavailable, check that it runs and can be reached: connection refused"
        ]
    );
    assert_eq!(site.store.len(), 1);
    assert_eq!(browser.token(), token);

    site.store.recover();
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
}

#[tokio::test]
async fn a_route_may_go_on_without_its_session_which_is_unavailable_and_not_empty() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.break_down(Verb::Load);
    let handler = |session: Result<Session, SessionRejection>| async move {
        match session {
            Ok(session) => {
                session.data.set_a(1u32);
                session.data.name()
            }
            Err(SessionRejection::Unavailable(error)) => format!("unavailable: {error}"),
            Err(other) => panic!("{other}"),
        }
    };
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body, "unavailable: the session could not be loaded");
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("vary").as_deref(), Some("Cookie"));
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(site.store.len(), 1);

    site.store.recover();
    let reply = site.visit(&mut browser, handler).await;
    assert_eq!(reply.body, "ada");
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_session_that_is_unavailable_is_loaded_once_in_a_request() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.break_down(Verb::Load);
    let reply = site
        .visit(
            &mut browser,
            |one: Result<Session, SessionRejection>, two: Result<Session, SessionRejection>| async move {
                assert_eq!(one.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
                two.unwrap_err().into_response()
            },
        )
        .await;
    assert_bare(&reply, 503);
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn an_outage_is_no_business_of_a_request_that_does_not_use_its_session() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    for verb in VERBS {
        site.store.break_down(verb);
    }
    let reply = site.visit(&mut browser, || async { "hello" }).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "hello"));
    assert_eq!(site.calls(), []);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn where_every_request_counts_as_use_an_outage_leaves_the_response_of_one_that_does_not_ask() {
    for site in [Site::with(|builder| builder.touch(Touch::EveryRequest)), Site::with(|b| b.rolling(true))] {
        let mut browser = site.started(|session| session.data.set_name("ada")).await;
        site.store.break_down(Verb::Load);
        let reply = site.visit(&mut browser, || async { "hello" }).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "hello"));
        assert!(!reply.has_set_cookie());
        assert_eq!(reply.header("vary"), None);
        assert_eq!(site.calls(), [Verb::Load]);
        assert_eq!(site.errors.take().len(), 1);
    }
}

#[tokio::test]
async fn a_first_visit_does_not_notice_that_the_store_is_down_until_it_writes() {
    let site = Site::new();
    for verb in VERBS {
        site.store.break_down(verb);
    }
    let reply = site.visit(&mut Browser::new(), |session: Session| async move { session.data.name() }).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "nobody"));
    assert_eq!(site.calls(), []);

    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.set_a(1u32) }).await;
    assert_bare(&reply, 503);
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.errors.take().len(), 1);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_save_that_fails_replaces_the_response_and_sends_no_cookie() {
    let site = Site::with(|builder| builder.rolling(true).persistent(true));
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let before = site.stored(&browser).await;
    let token = browser.token().to_owned();
    let changes = [
        ((|session| session.data.set_a(1u32)) as fn(&Session), Verb::Update),
        (Session::renew, Verb::Renew),
        (Session::renew_and_clear, Verb::Renew),
        (Session::clear, Verb::Update),
    ];
    for (change, verb) in changes {
        site.store.break_down(verb);
        let handler = move |session: Session| async move {
            change(&session);
            ([("x-from", "handler")], "saved")
        };
        let reply = site.visit(&mut browser, handler).await;
        assert_bare(&reply, 503);
        assert_eq!(reply.header("x-from"), None);
        assert_eq!(site.calls(), [Verb::Load, verb]);
        assert_eq!(
            site.errors.take(),
            [
                "the session could not be saved, unless only the answer was lost; call `reload().await` before repeating what must not happen twice: the session store is unavailable, check that it runs and can be reached: connection refused"
            ]
        );
        assert_eq!(site.stored(&browser).await, before);
        assert_eq!(browser.token(), token);
        site.store.recover();
    }
}

#[tokio::test]
async fn the_status_of_a_failed_save_says_whether_trying_again_may_help() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let failures: [(fn() -> StoreError, u16); 6] = [
        (|| StoreError::Unavailable("10.0.0.7:6379 refused ada".into()), 503),
        (|| StoreError::Timeout, 503),
        (|| StoreError::Corrupt("ada".into()), 500),
        (|| StoreError::TooLarge { actual: 2, limit: 1 }, 500),
        (|| StoreError::NoFreeToken, 500),
        (|| StoreError::Random("ada".into()), 500),
    ];
    for (failure, status) in failures {
        site.store.fail(Verb::Update, failure);
        site.store.fail(Verb::Create, failure);
        for browser in [&mut browser, &mut Browser::new()] {
            let reply = site.visit(browser, |session: Session| async move { session.data.set_a(1u32) }).await;
            assert_bare(&reply, status);
            let details: Vec<_> = reply.headers.values().map(|value| value.to_str().unwrap()).collect();
            assert!(!details.join(" ").contains("ada"), "{details:?}");
            assert_eq!(site.errors.take().len(), 1);
        }
    }
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn a_touch_that_fails_is_reported_and_leaves_the_response_alone() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let before = site.stored(&browser).await;
    site.at(1000);
    site.store.break_down(Verb::Touch);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ada"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(
        site.errors.take(),
        [
            "the session's idle deadline could not be moved; the session ends at the old one: the session store is \
             unavailable, check that it runs and can be reached: connection refused"
        ]
    );
    assert_eq!(site.stored(&browser).await, before);
}

#[tokio::test]
async fn a_destroy_that_fails_is_surfaced_and_the_cookie_is_deleted_all_the_same() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let stolen = browser.clone();
    site.store.break_down(Verb::Destroy);
    let reply = site.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (503, ""));
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(reply.set_cookie().max_age(), Some(cookie::time::Duration::ZERO));
    assert!(browser.cookies.is_empty());
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be destroyed and may still be alive; try again: the session store is unavailable, check that it runs and can be reached: connection refused"
        ]
    );
    assert!(site.stored(&stolen).await.is_some());
}

#[tokio::test]
async fn when_destroying_fails_nothing_new_is_started_in_place_of_the_old() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.break_down(Verb::Destroy);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.destroy();
            session.data.set_notice("goodbye");
        })
        .await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy]);
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn when_the_session_in_place_of_a_destroyed_one_cannot_be_created_the_cookie_is_deleted() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.break_down(Verb::Create);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.destroy();
            session.data.set_notice("goodbye");
        })
        .await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.set_cookie().value(), "");
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_handler_may_deal_with_a_failed_save_and_the_changes_are_tried_again_with_the_response() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let store = site.store.clone();
    site.store.break_down(Verb::Update);
    let reply = site
        .visit(&mut browser, move |session: Session| async move {
            session.data.set_name("eve");
            let failed = session.save().await;
            assert!(matches!(failed, Err(session::Error::Save(StoreError::Unavailable(_)))));
            store.recover();
        })
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.calls(), [Verb::Load, Verb::Update, Verb::Update]);
    assert_eq!(site.errors.take().len(), 1);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "eve");
}

#[tokio::test]
async fn a_renewal_that_was_saved_reaches_the_client_though_a_later_save_fails() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.break_down(Verb::Update);
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.renew();
            session.save().await.unwrap();
            session.data.set_a(1u32);
        })
        .await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.set_cookie().value(), browser.token());
    assert_eq!(site.errors.take().len(), 1);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
}

#[tokio::test(start_paused = true)]
async fn a_load_that_hangs_fails_after_the_io_timeout() {
    let site = Site::with(|builder| builder.io_timeout(seconds(2)));
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.hang(Verb::Load);
    let start = tokio::time::Instant::now();
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_bare(&reply, 503);
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!(
        site.errors.take(),
        [
            "the session could not be loaded: the session store did not answer in time, check its load and the network or allow it more time"
        ]
    );
    site.store.recover();
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_write_that_hangs_fails_after_the_io_timeout() {
    let changes = [
        ((|session| session.data.set_a(1u32)) as fn(&Session), Verb::Update, 503, false),
        (Session::renew, Verb::Renew, 503, false),
        (Session::destroy, Verb::Destroy, 503, true),
        (|session| assert_eq!(session.data.name(), "ada"), Verb::Touch, 200, false),
    ];
    for (change, verb, status, deletion) in changes {
        let site = Site::with(|builder| builder.io_timeout(seconds(2)));
        let mut browser = site.started(|session| session.data.set_name("ada")).await;
        site.at(1000);
        site.store.hang(verb);
        let start = tokio::time::Instant::now();
        let reply = site.visit(&mut browser, move |session: Session| async move { change(&session) }).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.has_set_cookie(), deletion);
        assert_eq!(start.elapsed().as_secs(), 2);
        assert_eq!(site.calls(), [Verb::Load, verb]);
        let errors = site.errors.take();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].contains(": the session store did not answer in time, "), "{errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_slow_but_in_time_is_waited_for() {
    let site = Site::with(|builder| builder.io_timeout(seconds(2)));
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    site.store.hang(Verb::Load);
    let store = site.store.clone();
    let slow = tokio::spawn(async move {
        tokio::time::sleep(seconds(1)).await;
        store.recover();
    });
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    slow.await.unwrap();
    assert_eq!(reply.body, "ada");
    assert!(site.errors.take().is_empty());
}
