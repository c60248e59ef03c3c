//! Handles that outlive their response, as in web sockets and streams, and cancelled saves.

use session::{Error, StoreError};

use crate::support::{Browser, Session, Site, Verb};

/// Returns a handle whose response was sent.
async fn late(site: &Site, browser: &Browser) -> Session {
    let request = site.open(browser).await;
    let session = request.session.clone();
    assert!(!request.respond(200).await.has_set_cookie());
    site.calls();
    session
}

const UNSAVED: &str = "changes to a session were dropped unsaved; call `save().await` after making them, on a `Session` kept until then";

#[tokio::test]
async fn data_is_saved_after_the_response() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let session = late(&site, &browser).await;
    for number in 1..=3u32 {
        session.data.set_a(number);
        session.save().await.unwrap();
        assert_eq!(site.seen(&browser).await, format!("ada {number} 0 0"));
    }
    session.clear();
    session.save().await.unwrap();
    assert_eq!(site.seen(&browser).await, "nobody 0 0 0");
    drop(session);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_session_created_with_the_response_is_saved_after_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    let request = site.open(&browser).await;
    let session = request.session.clone();
    session.data.set_name("ada");
    browser.take_cookies(&request.respond(200).await);
    session.data.set_a(1u32);
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Create, Verb::Update]);
    assert_eq!(site.seen(&browser).await, "ada 1 0 0");
}

#[tokio::test]
async fn what_would_need_a_token_after_the_response_is_a_typed_error_and_not_written() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let before = site.stored(&browser).await;

    let renewed = late(&site, &browser).await;
    renewed.renew();
    let created = late(&site, &Browser::new()).await;
    created.data.set_a(1u32);
    let replaced = late(&site, &browser).await;
    replaced.destroy();
    replaced.data.set_a(1u32);
    for session in [&renewed, &created, &replaced] {
        assert!(matches!(session.save().await, Err(Error::HeadersSent)));
        assert_eq!(site.errors.take().len(), 1);
    }
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.stored(&browser).await, before);
}

#[tokio::test]
async fn a_session_is_destroyed_after_the_response() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let session = late(&site, &browser).await;
    session.destroy();
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Destroy]);
    assert_eq!(site.store.len(), 0);
    assert!(!session.is_valid());
    drop(session);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn changes_that_nobody_saves_after_the_response_are_reported_once_with_the_last_handle() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let changes = [
        (|session| session.data.set_a(1u32)) as fn(&Session),
        |session| session.data.clear_name(),
        Session::clear,
        Session::renew,
        Session::destroy,
    ];
    for change in changes {
        let session = late(&site, &browser).await;
        let clone = session.clone();
        change(&session);
        drop(session);
        assert!(site.errors.take().is_empty());
        drop(clone);
        assert_eq!(site.errors.take(), [UNSAVED]);
        assert_eq!(site.calls(), []);
    }
    let session = late(&site, &Browser::new()).await;
    session.data.set_a(1u32);
    drop(session);
    assert_eq!(site.errors.take(), [UNSAVED]);
}

#[tokio::test]
async fn nothing_is_reported_where_nothing_is_lost() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let uses = [
        (|_| ()) as fn(&Session),
        |session| session.data.read(|_| ()),
        |session| session.data.set_name("ada"),
        |session| {
            session.data.set_a(1u32);
            session.data.clear_a();
        },
    ];
    for used in uses {
        let session = late(&site, &browser).await;
        used(&session);
        drop(session);
        assert!(site.errors.take().is_empty());
    }
}

#[tokio::test]
async fn a_save_after_the_response_does_not_revive_a_session() {
    let site = Site::new();
    for end in [Session::destroy, Session::renew] {
        let browser = site.started(|session| session.data.set_name("ada")).await;
        let session = late(&site, &browser).await;
        site.visit_as(&browser, move |session: Session| async move { end(&session) }).await;
        site.calls();
        let left = site.store.len();
        session.data.set_a(1u32);
        assert!(matches!(session.save().await, Err(Error::Gone)));
        assert!(matches!(session.save().await, Err(Error::Gone)));
        drop(session);
        assert_eq!(site.calls(), [Verb::Update]);
        assert_eq!(site.store.len(), left);
        assert_eq!(site.stored(&browser).await, None);
        assert_eq!(site.gone.take().len(), 1);
        assert!(site.errors.take().is_empty());
    }
}

#[tokio::test]
async fn a_save_after_the_response_that_fails_keeps_the_changes_for_another() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let session = late(&site, &browser).await;
    session.data.set_a(1u32);
    site.store.break_down(Verb::Update);
    assert!(matches!(session.save().await, Err(Error::Save(StoreError::Unavailable(_)))));
    assert_eq!(site.errors.take().len(), 1);
    site.store.recover();
    session.save().await.unwrap();
    assert_eq!(site.seen(&browser).await, "ada 1 0 0");
}

#[tokio::test]
async fn a_save_that_is_broken_off_is_made_up_for_by_the_next() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let session = late(&site, &browser).await;
    site.store.hang(Verb::Update);
    session.data.set_a(1u32);
    session.clear();
    session.data.set_b(1u32);
    tokio::select! {
        biased;
        _ = session.save() => panic!("the store hangs"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(site.calls(), [Verb::Update]);
    session.data.set_a(2u32);
    site.store.recover();
    session.save().await.unwrap();
    assert_eq!(site.calls(), [Verb::Update]);
    assert_eq!(site.seen(&browser).await, "nobody 2 1 0");
    drop(session);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn a_renewal_and_a_destroy_that_are_broken_off_are_made_up_for_by_the_response() {
    for (action, verb) in [(Session::renew as fn(&Session), Verb::Renew), (Session::destroy, Verb::Destroy)] {
        let site = Site::new();
        let browser = site.started(|session| session.data.set_name("ada")).await;
        let request = site.open(&browser).await;
        action(&request.session);
        site.store.hang(verb);
        tokio::select! {
            biased;
            _ = request.session.save() => panic!("the store hangs"),
            () = tokio::task::yield_now() => {}
        }
        site.store.recover();
        assert_ne!(request.respond(200).await.set_cookie().value(), browser.token());
        assert_eq!(site.calls(), [Verb::Load, verb, verb]);
        assert_eq!(site.stored(&browser).await, None);
    }
}

#[tokio::test]
async fn a_change_made_while_a_save_is_under_way_is_not_lost() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let session = late(&site, &browser).await;
    let changes = [
        ((|session| session.data.set_a(2u32)) as fn(&Session), "ada 2 0 0"),
        (|session| session.data.clear_a(), "ada 0 0 0"),
        (|session| session.data.set_b(1u32), "ada 1 1 0"),
        (Session::clear, "nobody 0 0 0"),
    ];
    for (change, expected) in changes {
        session.data.set_a(1u32);
        site.store.hang(Verb::Update);
        let saving = tokio::spawn({
            let session = session.clone();
            async move { session.save().await }
        });
        tokio::task::yield_now().await;
        change(&session);
        site.store.recover();
        saving.await.unwrap().unwrap();
        assert_eq!(session.data.read(|bag| format!("{} {} {} 0", bag.name, bag.a, bag.b)), expected);
        session.save().await.unwrap();
        assert_eq!(site.seen(&browser).await, expected);
        session.data.clear_a();
        session.save().await.unwrap();
    }
}

#[tokio::test]
async fn of_two_saves_at_once_the_second_waits_and_has_nothing_left_to_write() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let session = late(&site, &browser).await;
    session.data.set_a(1u32);
    let (one, other) = tokio::join!(session.save(), session.save());
    one.unwrap();
    other.unwrap();
    assert_eq!(site.calls(), [Verb::Update]);
}

#[tokio::test]
async fn two_saves_at_once_create_one_session() {
    let site = Site::new();
    let mut browser = Browser::new();
    let request = site.open(&browser).await;
    request.session.data.set_a(1u32);
    let (one, other) = tokio::join!(request.session.save(), request.session.save());
    one.unwrap();
    other.unwrap();
    browser.take_cookies(&request.respond(200).await);
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.seen(&browser).await, "nobody 1 0 0");
}

#[tokio::test]
async fn a_save_under_way_when_the_response_is_ready_is_waited_for() {
    let site = Site::new();
    let mut browser = Browser::new();
    let request = site.open(&browser).await;
    request.session.data.set_a(1u32);
    site.store.hang(Verb::Create);
    let saving = tokio::spawn({
        let session = request.session.clone();
        async move { session.save().await }
    });
    tokio::task::yield_now().await;
    let reply = tokio::spawn(request.respond(200));
    tokio::task::yield_now().await;
    assert!(!reply.is_finished());
    site.store.recover();
    saving.await.unwrap().unwrap();
    browser.take_cookies(&reply.await.unwrap());
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.seen(&browser).await, "nobody 1 0 0");
}

#[tokio::test]
async fn a_destroy_while_a_save_is_under_way_still_ends_the_session() {
    let site = Site::new();
    for fresh in [false, true] {
        let browser =
            if fresh { Browser::new() } else { site.started(|session| session.data.set_name("ada")).await };
        let verb = if fresh { Verb::Create } else { Verb::Update };
        let request = site.open(&browser).await;
        request.session.data.set_a(1u32);
        site.store.hang(verb);
        let saving = tokio::spawn({
            let session = request.session.clone();
            async move { session.save().await }
        });
        tokio::task::yield_now().await;
        request.session.destroy();
        site.store.recover();
        saving.await.unwrap().unwrap();
        assert_eq!(request.session.data.a(), 0);
        let reply = request.respond(200).await;
        assert_eq!(reply.has_set_cookie(), !fresh);
        assert_eq!(site.store.len(), 0);
        site.calls();
    }
    assert!(site.errors.take().is_empty());
}
