//! Concurrent requests of one session.

use std::time::Duration;

use crate::support::{Session, Site, Verb, seconds};

#[tokio::test]
async fn different_fields_written_by_overlapping_requests_are_both_kept() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_c(1u32)).await;
    let (one, other) = site.open_two(&browser).await;
    one.session.data.set_a(2u32);
    other.session.data.set_b(3u32);
    assert!(!one.respond(200).await.has_set_cookie());
    assert!(!other.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Update, Verb::Update]);
    assert_eq!(site.seen(&browser).await, "nobody 2 3 1");
    assert!(site.gone.take().is_empty());
}

#[tokio::test]
async fn of_two_writes_to_one_field_the_last_commit_wins_and_other_fields_stay() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_c(1u32)).await;
    let (one, other) = site.open_two(&browser).await;
    one.session.data.set_a(1u32);
    one.session.data.set_b(1u32);
    other.session.data.set_a(2u32);
    other.respond(200).await;
    one.respond(200).await;
    assert_eq!(site.seen(&browser).await, "nobody 1 1 1");
}

#[tokio::test]
async fn a_field_that_was_only_read_does_not_overwrite_what_another_request_wrote() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (reader, writer) = site.open_two(&browser).await;
    reader.session.data.read(|bag| assert_eq!(bag.a, 1));
    reader.session.data.set_b(1u32);
    writer.session.data.set_a(2u32);
    writer.respond(200).await;
    reader.respond(200).await;
    assert_eq!(site.seen(&browser).await, "nobody 2 1 0");
}

#[tokio::test]
async fn a_field_set_to_what_was_loaded_does_not_overwrite_what_another_request_wrote() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (one, other) = site.open_two(&browser).await;
    one.session.data.set_a(1u32);
    other.session.data.set_a(2u32);
    other.respond(200).await;
    one.respond(200).await;
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(site.seen(&browser).await, "nobody 2 0 0");
}

#[tokio::test]
async fn a_request_that_only_reads_ends_well_though_its_session_was_renewed_meanwhile() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let (reader, renewer) = site.open_two(&browser).await;
    renewer.session.renew();
    renewer.respond(200).await;
    assert_eq!(reader.session.data.a(), 1);
    let reply = reader.respond(200).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Renew]);
    assert!(site.gone.take().is_empty());
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
        tokio::join!(a.respond(200), b.respond(200), c.respond(200));
        assert_eq!(site.seen(&browser).await, "ada 1 1 1");

        let late = site.open(&browser).await;
        late.session.data.set_a(2u32);
        doomed.session.destroy();
        let (_, reply) = tokio::join!(doomed.respond(200), late.respond(200));
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
    slow.respond(200).await;
    assert_eq!(site.seen(&browser).await, "nobody 4 1 0");
}

#[tokio::test]
async fn a_request_stuck_in_the_store_does_not_hold_up_another_of_its_session() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let stuck = site.open(&browser).await;
    stuck.session.data.set_b(1u32);
    site.store.hang(Verb::Update);
    let stuck = tokio::spawn(stuck.respond(200));
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.a().to_string() }).await;
    assert_eq!(reply.body, "1");
    assert!(!stuck.is_finished());
    site.store.recover();
    assert_eq!(stuck.await.unwrap().status, 200);
    assert_eq!(site.seen(&browser).await, "nobody 1 1 0");
}

#[tokio::test]
async fn what_one_node_writes_the_other_sees_with_the_next_request() {
    let here = Site::new();
    let there = Site::on(here.store.clone(), |builder| builder);
    let mut browser = here.started(|session| session.data.set_a(1u32)).await;
    assert_eq!(there.seen(&browser).await, "nobody 1 0 0");
    there.visit(&mut browser, |session: Session| async move { session.data.set_a(2u32) }).await;
    assert_eq!(here.seen(&browser).await, "nobody 2 0 0");

    let old = browser.clone();
    there.visit(&mut browser, |session: Session| async move { session.renew() }).await;
    assert_eq!(here.seen(&browser).await, "nobody 2 0 0");
    assert_eq!(here.seen(&old).await, "nobody 0 0 0");

    let writer = here.open(&browser).await;
    writer.session.data.set_b(1u32);
    let copy = browser.clone();
    there.visit(&mut browser, |session: Session| async move { session.destroy() }).await;
    assert_eq!(here.seen(&copy).await, "nobody 0 0 0");
    assert!(!writer.respond(200).await.has_set_cookie());
    assert_eq!(here.store.len(), 0);
}

#[tokio::test]
async fn a_session_that_is_kept_alive_by_one_request_is_alive_for_the_other() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let slow = site.open(&browser).await;
    slow.session.data.set_b(1u32);
    site.at(1700);
    assert_eq!(site.seen(&browser).await, "nobody 1 0 0");
    site.clock.advance(Duration::from_secs(1700));
    slow.respond(200).await;
    assert!(site.gone.take().is_empty());
    let meta = site.stored(&browser).await.unwrap().meta();
    assert_eq!(meta.idle_deadline, site.clock.now().after(seconds(1800)));
    assert_eq!(site.seen(&browser).await, "nobody 1 1 0");
}

#[tokio::test]
async fn a_slow_request_does_not_move_the_deadline_back() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_a(1u32)).await;
    let slow = site.open(&browser).await;
    site.at(200);
    slow.session.data.set_b(1u32);
    site.store.hang(Verb::Update);
    let slow = tokio::spawn(slow.respond(200));
    tokio::task::yield_now().await;
    site.at(1000);
    site.seen(&browser).await;
    site.store.recover();
    slow.await.unwrap();
    let meta = site.stored(&browser).await.unwrap().meta();
    assert_eq!(meta.idle_deadline, site.clock.now().after(seconds(1800)));
}

#[tokio::test]
async fn clearing_drops_what_another_request_wrote_before_and_nothing_written_after() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_c(1u32)).await;
    let (clearer, before) = site.open_two(&browser).await;
    let after = site.open(&browser).await;
    before.session.data.set_a(1u32);
    clearer.session.clear();
    after.session.data.set_b(1u32);
    before.respond(200).await;
    clearer.respond(200).await;
    after.respond(200).await;
    assert_eq!(site.seen(&browser).await, "nobody 0 1 0");
}
