//! Expiry of sessions.

use std::time::Duration;

use session::{Store as _, Touch};

use crate::support::{Browser, Session, Site, T0, Verb, seconds};

/// Returns when the only stored session ends, in seconds after the start.
async fn deadline(site: &Site) -> u64 {
    let records = site.store.list(None, 2, site.clock.now()).await.unwrap().records;
    assert_eq!(records.len(), 1);
    records[0].meta().deadline().since(T0).as_secs()
}

#[tokio::test]
async fn an_idle_session_lives_until_its_timeout_and_not_a_millisecond_longer() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    site.clock.advance(Duration::from_millis(1_799_999));
    let unused = site.visit_as(&browser, |session: Session| async move {
        session.set_touch(Touch::Never);
        session.data.name()
    });
    assert_eq!(unused.await.body, "ada");
    site.clock.advance(Duration::from_millis(1));
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn an_idle_session_is_alive_a_second_before_its_timeout_and_gone_at_it() {
    for (second, name) in [(1799, "ada"), (1800, "nobody"), (1801, "nobody")] {
        let site = Site::new();
        let browser = site.visitor("ada").await;
        site.at(second);
        assert_eq!(site.name_of(&browser).await, name, "{second} seconds later");
        assert_eq!(site.errors.take(), [""; 0]);
    }
}

#[tokio::test]
async fn reading_moves_the_idle_deadline_without_writing_data() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(deadline(&site).await, 2800);
    site.at(2799);
    assert_eq!(site.name_of(&browser).await, "ada");
    site.at(2799 + 1800);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn writing_moves_the_idle_deadline_in_the_same_step() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    site.visit(&mut browser, |session: Session| async move { session.data.set_visits(1u64) }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(deadline(&site).await, 2800);
}

#[tokio::test]
async fn setting_an_equal_value_is_no_write_but_counts_as_use() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(deadline(&site).await, 2800);
}

#[tokio::test]
async fn the_idle_deadline_stays_until_a_twentieth_of_the_timeout_has_passed() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let read = |session: Session| async move { session.data.name() };
    site.at(89);
    site.visit(&mut browser, read).await;
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(deadline(&site).await, 1800);
    site.at(90);
    site.visit(&mut browser, read).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(deadline(&site).await, 1890);
}

#[tokio::test]
async fn a_request_that_does_not_use_its_session_does_not_extend_it() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    site.visit(&mut browser, || async {}).await;
    assert_eq!(site.calls(), []);
    site.visit(&mut browser, |_: Session| async {}).await;
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(deadline(&site).await, 1800);
}

#[tokio::test]
async fn with_touch_on_every_request_an_unused_session_is_extended_as_well() {
    let site = Site::with(|builder| builder.touch(Touch::EveryRequest));
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    let reply = site.visit(&mut browser, || async {}).await;
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(deadline(&site).await, 2800);

    site.visit(&mut Browser::new(), || async {}).await;
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_route_may_decide_otherwise_than_the_settings_when_its_session_is_extended() {
    let site = Site::with(|builder| builder.touch(Touch::Never));
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    site.visit(&mut browser, |session: Session| async move { session.set_touch(Touch::EveryRequest) }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(deadline(&site).await, 2800);

    let site = Site::with(|builder| builder.touch(Touch::EveryRequest));
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    site.visit(&mut browser, |session: Session| async move { session.set_touch(Touch::OnUse) }).await;
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(deadline(&site).await, 1800);
}

#[tokio::test]
async fn with_touch_never_the_idle_timeout_counts_from_creation() {
    let site = Site::with(|builder| builder.touch(Touch::Never));
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    let bump = |session: Session| async move { session.data.update_visits(|visits| *visits += 1) };
    site.visit(&mut browser, bump).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(deadline(&site).await, 1800);
    site.at(1800);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn a_route_may_read_its_session_without_extending_it() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    let poll = |session: Session| async move {
        session.set_touch(Touch::Never);
        session.data.name()
    };
    assert_eq!(site.visit(&mut browser, poll).await.body, "ada");
    assert_eq!(site.calls(), [Verb::Load]);
    assert_eq!(deadline(&site).await, 1800);
}

#[tokio::test]
async fn the_lifetime_ends_a_session_that_is_in_constant_use() {
    let site = Site::with(|builder| builder.lifetime(seconds(3600)));
    let mut browser = site.visitor("ada").await;
    for second in (600..3600).step_by(600) {
        site.at(second);
        let read = |session: Session| async move { session.data.name() };
        assert_eq!(site.visit(&mut browser, read).await.body, "ada", "{second} seconds later");
    }
    site.at(3599);
    assert_eq!(site.name_of(&browser).await, "ada");
    site.at(3600);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn a_store_keeps_a_session_until_the_earlier_of_both_deadlines() {
    let site = Site::with(|builder| builder.lifetime(seconds(2000)));
    let mut browser = site.visitor("ada").await;
    assert_eq!(deadline(&site).await, 1800);
    site.at(1000);
    site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(deadline(&site).await, 2000);

    let site = Site::with(|builder| builder.lifetime(seconds(60)));
    site.visitor("ada").await;
    assert_eq!(deadline(&site).await, 60);
}

#[tokio::test]
async fn an_expired_token_reads_as_empty_and_a_write_gets_a_fresh_one() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    let old = browser.clone();
    site.at(1800);
    assert_eq!(site.store.len(), 1, "the bytes are still there");
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            assert!(session.is_new() && !session.is_valid());
            session.data.name()
        })
        .await;
    assert_eq!(reply.body, "nobody");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);

    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.set_visits(1u64) }).await;
    assert_ne!(reply.set_cookie().value(), old.token());
    assert_eq!(site.calls(), [Verb::Load, Verb::Create]);
    assert_eq!(site.name_of(&old).await, "nobody");
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn a_session_that_expires_during_its_request_is_not_revived() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1799);
    let clock = site.clock.clone();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            session.data.set_name("grace");
            assert!(session.is_valid());
            clock.advance(seconds(1));
            assert!(!session.is_valid());
            "done"
        })
        .await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "done"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.errors.take(), [""; 0]);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn sweeping_removes_the_dead_counts_them_and_leaves_the_living() {
    let (manager, site) = Site::managed(|builder| builder);
    let dead = site.visitor("ada").await;
    site.at(1000);
    let live = site.visitor("grace").await;
    site.at(1800);
    assert_eq!(manager.count().await.unwrap(), 1);
    assert_eq!(manager.sweep().await.unwrap(), 1);
    assert_eq!(site.store.len(), 1);
    assert_eq!(manager.sweep().await.unwrap(), 0);
    assert_eq!(site.name_of(&live).await, "grace");
    assert_eq!(site.name_of(&dead).await, "nobody");
}

#[tokio::test]
async fn one_session_may_have_an_idle_timeout_of_its_own() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.visit(&mut browser, |session: Session| async move { session.set_idle_timeout(seconds(60)) }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(deadline(&site).await, 60);
    site.at(59);
    site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(deadline(&site).await, 119);

    let other = site.visitor("grace").await;
    site.at(119);
    assert_eq!(site.name_of(&browser).await, "nobody");
    assert_eq!(site.name_of(&other).await, "grace");
}

#[tokio::test]
async fn giving_a_session_the_idle_timeout_that_it_has_still_counts_as_use() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    for second in [1000, 2000] {
        site.at(second);
        let reply = site
            .visit(&mut browser, |session: Session| async move {
                session.set_idle_timeout(seconds(1800));
                session.data.name()
            })
            .await;
        assert_eq!(reply.body, "ada");
        assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
        assert_eq!(deadline(&site).await, second + 1800);
    }
}

#[tokio::test]
async fn one_session_may_have_a_lifetime_of_its_own_counted_from_its_creation() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(100);
    site.visit(&mut browser, |session: Session| async move { session.set_lifetime(seconds(300)) }).await;
    assert_eq!(deadline(&site).await, 300);
    site.at(299);
    site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(deadline(&site).await, 300);
    site.at(300);
    assert_eq!(site.name_of(&browser).await, "nobody");
}

#[tokio::test]
async fn deadlines_given_to_a_new_session_hold_from_its_creation() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move {
        session.set_idle_timeout(seconds(60));
        session.set_lifetime(seconds(90));
        session.data.set_name("ada");
    })
    .await;
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(deadline(&site).await, 60);
    site.at(59);
    site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(deadline(&site).await, 90);
}

#[tokio::test]
async fn deadlines_given_to_a_new_session_that_holds_nothing_create_nothing() {
    let site = Site::new();
    let mut browser = Browser::new();
    let reply = site.visit(&mut browser, |session: Session| async move { session.set_lifetime(seconds(9)) });
    assert!(!reply.await.has_set_cookie());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn a_session_without_deadlines_never_ends() {
    let site = Site::with(|builder| builder.idle_timeout(Duration::MAX).lifetime(Duration::MAX));
    let mut browser = site.visitor("ada").await;
    site.at(1_000_000_000);
    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}

#[tokio::test]
async fn a_touch_that_finds_its_session_gone_is_reported_and_changes_nothing() {
    let site = Site::new();
    let mut browser = site.visitor("ada").await;
    site.at(1000);
    let store = site.store.clone();
    let reply = site
        .visit(&mut browser, |session: Session| async move {
            store.inner.destroy(&session.token().unwrap()).await.unwrap();
            session.data.name()
        })
        .await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ada"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Touch]);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.store.len(), 0);
}
