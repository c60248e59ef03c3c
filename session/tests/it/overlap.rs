//! Requests of one session that overlap.

use std::time::Duration;

use crate::support::{Browser, Open, Session, Site, Verb, seconds};

/// Two requests of one session, both loaded, neither committed.
async fn two(site: &Site, browser: &Browser) -> (Open, Open) {
    let two = (site.open(browser).await, site.open(browser).await);
    assert_eq!(site.calls(), [Verb::Load, Verb::Load]);
    two
}

async fn seen(site: &Site, browser: &Browser) -> String {
    let handler = |session: Session| async move {
        format!("a={} b={} c={}", session.data.a(), session.data.b(), session.data.c())
    };
    let reply = site.visit_as(browser, handler).await;
    site.calls();
    reply.body
}

#[tokio::test]
async fn different_fields_written_by_overlapping_requests_are_both_kept() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_c(1u32)).await;
    let (one, other) = two(&site, &browser).await;
    one.session.data.set_a(2u32);
    other.session.data.set_b(3u32);
    assert!(!one.answer(200).await.has_set_cookie());
    assert!(!other.answer(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Update, Verb::Update]);
    assert_eq!(seen(&site, &browser).await, "a=2 b=3 c=1");
    assert!(site.gone.take().is_empty());
}

#[tokio::test]
async fn of_two_writes_to_one_field_the_last_commit_wins_and_other_fields_stay() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_c(1u32)).await;
    let (one, other) = two(&site, &browser).await;
    one.session.data.set_a(1u32);
    one.session.data.set_b(1u32);
    other.session.data.set_a(2u32);
    other.answer(200).await;
    one.answer(200).await;
    assert_eq!(seen(&site, &browser).await, "a=1 b=1 c=1");
}

#[tokio::test]
async fn a_field_that_was_only_read_does_not_overwrite_what_another_request_wrote() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (reader, writer) = two(&site, &browser).await;
    reader.session.data.read(|bag| assert_eq!(bag.a, 1));
    reader.session.data.set_b(1u32);
    writer.session.data.set_a(2u32);
    writer.answer(200).await;
    reader.answer(200).await;
    assert_eq!(seen(&site, &browser).await, "a=2 b=1 c=0");
}

#[tokio::test]
async fn a_field_set_to_what_was_loaded_does_not_overwrite_what_another_request_wrote() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (one, other) = two(&site, &browser).await;
    one.session.data.set_a(1u32);
    other.session.data.set_a(2u32);
    other.answer(200).await;
    one.answer(200).await;
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(seen(&site, &browser).await, "a=2 b=0 c=0");
}

#[tokio::test]
async fn a_write_to_a_session_destroyed_meanwhile_does_not_revive_it() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let id = site.stored(&browser).await.unwrap().meta().id;
    let (writer, destroyer) = two(&site, &browser).await;
    writer.session.data.set_a(2u32);
    destroyer.session.destroy();
    assert_eq!(destroyer.answer(200).await.set_cookie().value(), "");

    let reply = writer.answer(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Update]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take(), [id.to_string()]);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_write_to_a_session_renewed_meanwhile_reaches_neither_token() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let old = browser.clone();
    let id = site.stored(&browser).await.unwrap().meta().id;
    let (writer, renewer) = two(&site, &browser).await;
    writer.session.data.set_a(2u32);
    renewer.session.renew();
    browser.take_cookies(&renewer.answer(200).await);

    let reply = writer.answer(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Renew, Verb::Update]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.stored(&old).await, None);
    assert_eq!(seen(&site, &browser).await, "a=1 b=0 c=0");
    assert_eq!(site.gone.take(), [id.to_string()]);
}

#[tokio::test]
async fn a_write_to_a_session_that_expired_meanwhile_does_not_revive_it() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let request = site.open(&browser).await;
    request.session.data.set_a(2u32);
    site.at(1800);
    assert!(!request.answer(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    assert_eq!(site.gone.take().len(), 1);
    assert_eq!(site.stored(&browser).await, None);
}

#[tokio::test]
async fn a_touch_of_a_session_destroyed_meanwhile_does_not_revive_it() {
    let site = Site::with(|builder| builder.strict(true));
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (reader, destroyer) = two(&site, &browser).await;
    assert_eq!(reader.session.data.a(), 1);
    destroyer.session.destroy();
    destroyer.answer(200).await;
    site.at(1000);

    let reply = reader.answer(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Touch]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn of_two_renewals_one_wins_and_the_loser_is_told_no_token() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let (winner, loser) = two(&site, &browser).await;
    winner.session.renew();
    loser.session.renew();
    loser.session.data.set_a(2u32);
    let won = winner.answer(200).await;
    let lost = loser.answer(200).await;
    assert_eq!((won.status.as_u16(), lost.status.as_u16()), (200, 200));
    assert!(!lost.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Renew, Verb::Renew]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.gone.take().len(), 1);
    browser.take_cookies(&won);
    assert_eq!(seen(&site, &browser).await, "a=1 b=0 c=0");
}

#[tokio::test]
async fn a_request_that_only_reads_ends_well_though_its_session_was_renewed_meanwhile() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (reader, renewer) = two(&site, &browser).await;
    renewer.session.renew();
    renewer.answer(200).await;
    assert_eq!(reader.session.data.a(), 1);
    let reply = reader.answer(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Renew]);
    assert!(site.gone.take().is_empty());
}

#[tokio::test]
async fn destroying_a_session_that_is_destroyed_or_renewed_meanwhile_is_no_error() {
    for ask in [Session::destroy, Session::renew] {
        let site = Site::with(|builder| builder.strict(true));
        let browser = site.started(|session| session.data.set_a(1u32)).await;
        let (first, second) = two(&site, &browser).await;
        ask(&first.session);
        second.session.destroy();
        first.answer(200).await;
        let reply = second.answer(200).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.set_cookie().value(), "");
        assert!(site.errors.take().is_empty());
        assert!(site.gone.take().is_empty());
    }
}

#[tokio::test]
async fn renewing_a_session_destroyed_meanwhile_makes_no_new_one() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (renewer, destroyer) = two(&site, &browser).await;
    renewer.session.renew();
    destroyer.session.destroy();
    destroyer.answer(200).await;
    assert!(!renewer.answer(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Renew]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn where_it_is_strict_a_write_to_a_session_that_is_gone_is_answered_with_409() {
    let changes = [(|session| session.data.set_a(2u32)) as fn(&Session), Session::renew];
    for change in changes {
        for end in [Session::destroy, Session::renew] {
            let site = Site::with(|builder| builder.strict(true));
            let browser = site.started(|session| session.data.set_a(1u32)).await;
            let (writer, other) = two(&site, &browser).await;
            change(&writer.session);
            end(&other.session);
            other.answer(200).await;
            let left = site.store.len();

            let reply = writer.answer(200).await;
            assert_eq!(reply.status, 409);
            assert_eq!(reply.body, "");
            assert!(!reply.has_set_cookie());
            assert_eq!(site.store.len(), left);
            assert_eq!(site.stored(&browser).await, None);
            assert_eq!(site.gone.take().len(), 1);
            assert!(site.errors.take().is_empty());
        }
    }
}

#[tokio::test]
async fn an_explicit_save_of_a_session_that_is_gone_is_an_error_and_the_response_adds_nothing() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (writer, destroyer) = two(&site, &browser).await;
    destroyer.session.destroy();
    destroyer.answer(200).await;
    writer.session.data.set_a(2u32);
    for _ in 0..2 {
        assert!(matches!(writer.session.save().await, Err(session::Error::Gone)));
    }
    assert!(!writer.session.is_valid());
    assert!(writer.session.token().is_none());
    let reply = writer.answer(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Update]);
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 1);
}

#[tokio::test]
async fn an_explicit_renewal_of_a_session_that_is_gone_is_an_error_each_time() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (renewer, destroyer) = two(&site, &browser).await;
    destroyer.session.destroy();
    destroyer.answer(200).await;
    for _ in 0..2 {
        renewer.session.renew();
        assert!(matches!(renewer.session.save().await, Err(session::Error::Gone)));
    }
    assert!(!renewer.answer(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Destroy, Verb::Renew]);
}

#[tokio::test]
async fn twenty_writers_in_flight_do_not_outlive_a_destroyed_session() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let mut writers = Vec::new();
    for number in 0..20 {
        let writer = site.open(&browser).await;
        writer.session.data.set_b(number + 1u32);
        writers.push(writer);
    }
    let rest = writers.split_off(10);
    for writer in writers {
        writer.answer(200).await;
    }
    let destroyer = site.open(&browser).await;
    destroyer.session.destroy();
    destroyer.answer(200).await;
    for writer in rest {
        let reply = writer.answer(200).await;
        assert_eq!(reply.status, 200);
        assert!(!reply.has_set_cookie());
    }
    assert_eq!(site.store.len(), 0);
    assert_eq!(site.gone.take().len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_on_many_threads_lose_no_field_and_revive_nothing() {
    let site = Site::new();
    for _ in 0..50 {
        let browser = site.started(|session| session.data.set_name("ada")).await;
        let (a, b, c) = tokio::join!(site.open(&browser), site.open(&browser), site.open(&browser));
        a.session.data.set_a(1u32);
        b.session.data.set_b(1u32);
        c.session.data.set_c(1u32);
        let doomed = site.open(&browser).await;
        tokio::join!(a.answer(200), b.answer(200), c.answer(200));
        assert_eq!(seen(&site, &browser).await, "a=1 b=1 c=1");

        let late = site.open(&browser).await;
        late.session.data.set_a(2u32);
        doomed.session.destroy();
        let (_, reply) = tokio::join!(doomed.answer(200), late.answer(200));
        assert!(!reply.has_set_cookie());
        assert_eq!(site.store.len(), 0);
        site.calls();
    }
}

#[tokio::test]
async fn a_slow_request_does_not_hold_up_another_of_its_session() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let slow = site.open(&browser).await;
    slow.session.data.set_b(1u32);
    for number in 2..5u32 {
        let reply = site
            .visit(&mut browser, move |session: Session| async move {
                session.data.set_a(number);
                session.save().await.unwrap();
            })
            .await;
        assert_eq!(reply.status, 200);
    }
    slow.answer(200).await;
    assert_eq!(seen(&site, &browser).await, "a=4 b=1 c=0");
}

#[tokio::test]
async fn a_request_stuck_in_the_store_does_not_hold_up_another_of_its_session() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let stuck = site.open(&browser).await;
    stuck.session.data.set_b(1u32);
    site.store.hang(Verb::Update);
    let stuck = tokio::spawn(stuck.answer(200));
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.a().to_string() }).await;
    assert_eq!(reply.body, "1");
    assert!(!stuck.is_finished());
    site.store.recover();
    assert_eq!(stuck.await.unwrap().status, 200);
    assert_eq!(seen(&site, &browser).await, "a=1 b=1 c=0");
}

#[tokio::test]
async fn what_one_node_writes_the_other_sees_with_the_next_request() {
    let here = Site::new();
    let there = Site::on(here.store.clone(), |builder| builder);
    let mut browser = here.started(|session| session.data.set_a(1u32)).await;
    assert_eq!(seen(&there, &browser).await, "a=1 b=0 c=0");
    there.visit(&mut browser, |session: Session| async move { session.data.set_a(2u32) }).await;
    assert_eq!(seen(&here, &browser).await, "a=2 b=0 c=0");

    let old = browser.clone();
    there.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(seen(&here, &browser).await, "a=2 b=0 c=0");
    assert_eq!(seen(&here, &old).await, "a=0 b=0 c=0");

    let writer = here.open(&browser).await;
    writer.session.data.set_b(1u32);
    let copy = browser.clone();
    there.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(seen(&here, &copy).await, "a=0 b=0 c=0");
    assert!(!writer.answer(200).await.has_set_cookie());
    assert_eq!(here.store.len(), 0);
}

#[tokio::test]
async fn a_session_that_is_kept_alive_by_one_request_is_alive_for_the_other() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let slow = site.open(&browser).await;
    slow.session.data.set_b(1u32);
    site.at(1700);
    assert_eq!(seen(&site, &browser).await, "a=1 b=0 c=0");
    site.clock.advance(Duration::from_secs(1700));
    slow.answer(200).await;
    assert!(site.gone.take().is_empty());
    let meta = site.stored(&browser).await.unwrap().meta();
    assert_eq!(meta.idle_deadline, site.clock.now().after(seconds(1800)));
    assert_eq!(seen(&site, &browser).await, "a=1 b=1 c=0");
}

#[tokio::test]
async fn a_slow_request_does_not_move_the_deadline_back() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let slow = site.open(&browser).await;
    site.at(200);
    slow.session.data.set_b(1u32);
    site.store.hang(Verb::Update);
    let slow = tokio::spawn(slow.answer(200));
    tokio::task::yield_now().await;
    site.at(1000);
    seen(&site, &browser).await;
    site.store.recover();
    slow.await.unwrap();
    let meta = site.stored(&browser).await.unwrap().meta();
    assert_eq!(meta.idle_deadline, site.clock.now().after(seconds(1800)));
}

#[tokio::test]
async fn clearing_drops_what_another_request_wrote_before_and_nothing_written_after() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_c(1u32)).await;
    let (clearer, before) = two(&site, &browser).await;
    let after = site.open(&browser).await;
    before.session.data.set_a(1u32);
    clearer.session.clear();
    after.session.data.set_b(1u32);
    before.answer(200).await;
    clearer.answer(200).await;
    after.answer(200).await;
    assert_eq!(seen(&site, &browser).await, "a=0 b=1 c=0");
}
