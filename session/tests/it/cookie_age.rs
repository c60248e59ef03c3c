//! `Max-Age` and `Expires` of the cookie.

use std::time::Duration;

use session::{ManualClock, Timestamp, Touch};

use crate::support::handlers::{destroy, idle, read, renew, write};
use crate::support::{Browser, Reply, Session, Site, Verb, seconds};

/// Returns `Max-Age` and `Expires` of the only cookie in the reply.
fn age(reply: &Reply) -> Vec<&str> {
    let mut attributes = reply.attributes();
    attributes.retain(|attribute| attribute.starts_with("Max-Age") || attribute.starts_with("Expires"));
    attributes
}

fn persistent() -> Site {
    Site::with(|builder| builder.persistent(true))
}

#[tokio::test]
async fn a_persistent_cookie_lives_as_long_as_the_session_by_both_attributes() {
    let site = persistent();
    let reply = site.visit(&mut Browser::new(), write).await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:30:00 GMT", "Max-Age=1800"]);
}

#[tokio::test]
async fn expires_is_an_imf_fixdate_on_every_day_and_in_every_month() {
    let site = persistent();
    for (days, date) in [
        (0, "Thu, 01 Jan 2026 00:30:00 GMT"),
        (31, "Sun, 01 Feb 2026 00:30:00 GMT"),
        (67, "Mon, 09 Mar 2026 00:30:00 GMT"),
        (96, "Tue, 07 Apr 2026 00:30:00 GMT"),
        (139, "Wed, 20 May 2026 00:30:00 GMT"),
        (155, "Fri, 05 Jun 2026 00:30:00 GMT"),
        (185, "Sun, 05 Jul 2026 00:30:00 GMT"),
        (212, "Sat, 01 Aug 2026 00:30:00 GMT"),
        (258, "Wed, 16 Sep 2026 00:30:00 GMT"),
        (288, "Fri, 16 Oct 2026 00:30:00 GMT"),
        (304, "Sun, 01 Nov 2026 00:30:00 GMT"),
        (364, "Thu, 31 Dec 2026 00:30:00 GMT"),
        (789, "Tue, 29 Feb 2028 00:30:00 GMT"),
    ] {
        site.at(days * 86_400);
        let reply = site.visit(&mut Browser::new(), write).await;
        assert_eq!(age(&reply)[0], format!("Expires={date}"));
    }
}

#[tokio::test]
async fn a_cookie_of_the_browser_session_has_neither_age() {
    let site = Site::new();
    let mut browser = Browser::new();
    assert_eq!(age(&site.visit(&mut browser, write).await), [""; 0]);
    assert_eq!(age(&site.visit(&mut browser, renew).await), [""; 0]);
}

#[tokio::test]
async fn the_lifetime_bounds_the_cookies_age() {
    let site = Site::with(|builder| builder.persistent(true).lifetime(seconds(600)));
    let mut browser = Browser::new();
    assert!(age(&site.visit(&mut browser, write).await).contains(&"Max-Age=600"));
    site.at(200);
    let reply = site.visit(&mut browser, renew).await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:10:00 GMT", "Max-Age=400"]);
}

#[tokio::test]
async fn a_session_without_end_gets_the_longest_age_that_browsers_accept() {
    for forever in [Duration::MAX, Duration::from_secs(u64::MAX / 1000), seconds(401 * 86_400)] {
        let site =
            Site::with(|builder| builder.persistent(true).idle_timeout(forever).lifetime(Duration::MAX));
        let mut browser = Browser::new();
        let reply = site.visit(&mut browser, write).await;
        assert_eq!(age(&reply), ["Expires=Fri, 05 Feb 2027 00:00:00 GMT", "Max-Age=34560000"]);
        assert_eq!(site.visit(&mut browser, read).await.body, "nobody");
    }
}

#[tokio::test]
async fn expires_counts_from_when_the_headers_are_sent_not_from_the_start_of_the_request() {
    let site = persistent();
    let clock = site.clock.clone();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("ada");
            clock.advance(seconds(10));
        })
        .await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:30:10 GMT", "Max-Age=1800"]);
}

#[tokio::test]
async fn a_session_saved_early_gets_a_cookie_that_ends_with_it() {
    let site = persistent();
    let clock = site.clock.clone();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.data.set_name("ada");
            session.save().await.unwrap();
            clock.advance(seconds(10));
        })
        .await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:30:00 GMT", "Max-Age=1790"]);
    assert_eq!(site.calls(), [Verb::Create]);
}

#[tokio::test]
async fn a_persistent_cookie_is_sent_again_whenever_its_deadline_moved_and_only_then() {
    let site = persistent();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let token = browser.token().to_owned();
    assert!(!site.visit(&mut browser, write).await.has_set_cookie(), "no time has passed");

    site.at(1000);
    let reply = site.visit(&mut browser, read).await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:46:40 GMT", "Max-Age=1800"]);
    site.at(1001);
    assert!(!site.visit(&mut browser, write).await.has_set_cookie(), "the read moved it so far already");
    site.at(1100);
    let reply = site.visit(&mut browser, write).await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:48:20 GMT", "Max-Age=1800"]);
    assert_eq!(browser.token(), token);
    assert_eq!(
        site.calls(),
        [
            Verb::Create,
            Verb::Load,
            Verb::Update,
            Verb::Load,
            Verb::Touch,
            Verb::Load,
            Verb::Update,
            Verb::Load,
            Verb::Update
        ]
    );
}

#[tokio::test]
async fn a_change_that_cannot_move_the_deadline_sends_no_persistent_cookie() {
    for site in [
        Site::with(|builder| builder.persistent(true).lifetime(seconds(600))),
        Site::with(|builder| builder.persistent(true).touch(Touch::Never)),
    ] {
        let mut browser = Browser::new();
        site.visit(&mut browser, write).await;
        site.at(300);
        assert!(!site.visit(&mut browser, write).await.has_set_cookie());
        assert_eq!(site.calls(), [Verb::Create, Verb::Load, Verb::Update]);
    }
}

#[tokio::test]
async fn a_rolling_cookie_is_sent_with_a_fresh_age_though_nothing_was_changed() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let token = browser.token().to_owned();
    site.calls();
    site.at(1000);
    let reply = site.visit(&mut browser, idle).await;
    assert_eq!(age(&reply), ["Expires=Thu, 01 Jan 2026 00:46:40 GMT", "Max-Age=1800"]);
    assert_eq!(browser.token(), token);
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    site.at(2799);
    assert_eq!(
        site.visit(&mut browser, |session: Session| async move { session.is_valid().to_string() }).await.body,
        "true"
    );
}

#[tokio::test]
async fn a_rolling_cookie_is_sent_from_routes_that_know_no_session() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    site.at(1000);
    let reply = site.visit(&mut browser, || async { "static" }).await;
    assert_eq!(reply.body, "static");
    assert!(age(&reply).contains(&"Max-Age=1800"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
}

#[tokio::test]
async fn rolling_gives_anonymous_visitors_nothing() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    for handler in [0, 1] {
        let mut browser = Browser::new();
        let reply = if handler == 0 {
            site.visit(&mut browser, idle).await
        } else {
            site.visit(&mut browser, read).await
        };
        assert!(!reply.has_set_cookie());
    }
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn rolling_gives_an_unknown_or_expired_token_nothing() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    site.at(1800);
    let reply = site.visit(&mut browser, idle).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn rolling_survives_a_store_that_fails_and_leaves_the_response_alone() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    site.store.break_down(Verb::Load);
    let reply = site.visit(&mut browser, || async { "static" }).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "static"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn rolling_does_not_resurrect_what_the_handler_destroys() {
    let site = Site::with(|builder| builder.persistent(true).rolling(true));
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    let reply = site.visit(&mut browser, destroy).await;
    assert_eq!(reply.set_cookie().value(), "");
    assert!(age(&reply).contains(&"Max-Age=0"));
}

#[tokio::test]
async fn one_session_can_be_remembered_and_forgotten_again() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("ada");
            session.remember(true);
        })
        .await;
    assert!(age(&reply).contains(&"Max-Age=1800"));
    assert_eq!(age(&site.visit(&mut Browser::new(), write).await), [""; 0], "others are not");

    site.calls();
    let token = browser.token().to_owned();
    let remember = |remember| move |session: Session| async move { session.remember(remember) };
    assert!(!site.visit(&mut browser, remember(true)).await.has_set_cookie(), "it is remembered already");
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(age(&site.visit(&mut browser, remember(false)).await), [""; 0]);
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert!(age(&site.visit(&mut browser, remember(true)).await).contains(&"Max-Age=1800"));
    assert_eq!(browser.token(), token);
}

#[tokio::test]
async fn a_session_can_decline_to_be_remembered_where_others_are() {
    let site = persistent();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.remember(false);
            session.data.set_name("ada");
        })
        .await;
    assert_eq!(age(&reply), [""; 0]);
    site.at(60);
    assert!(!site.visit(&mut browser, write).await.has_set_cookie());
    assert_eq!(age(&site.visit(&mut browser, renew).await), [""; 0]);
}

#[tokio::test]
async fn asking_for_a_long_memory_of_nothing_creates_nothing() {
    let site = Site::new();
    let reply = site
        .visit(&mut Browser::new(), |session: Session| async move {
            session.remember(true);
            session.set_idle_timeout(seconds(60));
            session.set_lifetime(seconds(60));
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn an_idle_timeout_of_the_sessions_own_counts_from_now_and_ages_its_cookie() {
    let site = persistent();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    site.at(100);
    let reply = site
        .visit(&mut browser, |session: Session| async move { session.set_idle_timeout(seconds(60)) })
        .await;
    assert!(age(&reply).contains(&"Max-Age=60"));
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    site.at(150);
    assert!(age(&site.visit(&mut browser, write).await).contains(&"Max-Age=60"), "and slides from then on");
    site.at(210);
    let is_new = |session: Session| async move { session.is_new().to_string() };
    assert_eq!(site.visit(&mut browser, is_new).await.body, "true");
}

#[tokio::test]
async fn a_session_whose_idle_timeout_is_set_again_and_again_lives_on() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    for step in 1..5 {
        site.at(step * 1000);
        let reply = site
            .visit(&mut browser, |session: Session| async move {
                session.set_idle_timeout(seconds(1800));
                session.is_new().to_string()
            })
            .await;
        assert_eq!(reply.body, "false", "after {step} times 1000 s");
    }
}

#[tokio::test]
async fn a_lifetime_of_the_sessions_own_counts_from_its_creation_and_ages_its_cookie() {
    let site = persistent();
    let mut browser = Browser::new();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("ada");
            session.set_lifetime(seconds(900));
        })
        .await;
    assert!(age(&reply).contains(&"Max-Age=900"));
    site.at(100);
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.set_lifetime(seconds(300)) }).await;
    assert!(age(&reply).contains(&"Max-Age=200"));
    site.at(299);
    assert_eq!(site.visit(&mut browser, read).await.body, "ada");
    site.at(300);
    assert_eq!(site.visit(&mut browser, read).await.body, "nobody");
}

#[tokio::test]
async fn limits_requested_by_a_handler_that_fails_are_not_given() {
    let site = persistent();
    let mut browser = Browser::new();
    site.visit(&mut browser, write).await;
    site.calls();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.set_idle_timeout(seconds(60));
            session.remember(false);
            http::StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    site.at(1000);
    let is_new = |session: Session| async move { session.is_new().to_string() };
    assert_eq!(site.visit(&mut browser, is_new).await.body, "false");
}

#[tokio::test]
async fn a_date_beyond_the_year_9999_is_the_last_of_that_year() {
    // 9999-12-31T23:45:00Z.
    const LATE: Timestamp = Timestamp::from_millis(253_402_299_900_000);
    for start in
        [LATE, LATE.after(Duration::from_secs(86_400)), LATE.after(Duration::from_secs(u64::MAX / 4000))]
    {
        let clock = ManualClock::starting_at(start);
        let site = Site::with(|builder| builder.persistent(true).clock(&clock));
        let reply = site.visit(&mut Browser::new(), write).await;
        assert_eq!(reply.status, 200);
        assert_eq!(age(&reply), ["Expires=Fri, 31 Dec 9999 23:59:59 GMT", "Max-Age=1800"]);
    }
}
