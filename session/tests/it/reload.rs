//! Reloading a session during a request.

use session::{Error, StoreError};

use crate::support::{Browser, Session, Site, Verb};

#[tokio::test]
async fn reloading_drops_unsaved_changes_and_shows_what_others_wrote() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    let session = &request.session;
    session.data.set_name("eve");
    session.data.set_a(1u32);
    site.visit(&mut browser, |session: Session| async move { session.data.set_b(2u32) }).await;
    site.calls();

    session.reload().await.unwrap();
    assert_eq!(session.data.read(|bag| (bag.name.clone(), bag.a, bag.b)), ("ada".to_owned(), 0, 2));
    assert!(!request.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
    assert!(site.errors.take().is_empty());
}

#[tokio::test]
async fn reloading_drops_a_clear_that_was_not_saved() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    request.session.clear();
    request.session.reload().await.unwrap();
    assert_eq!(request.session.data.name(), "ada");
    request.respond(200).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Load]);
}

#[tokio::test]
async fn what_is_set_after_reloading_is_saved_on_top_of_what_others_wrote() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_a(1u32)).await;
    let request = site.open(&browser).await;
    site.visit(&mut browser, |session: Session| async move { session.data.set_a(2u32) }).await;
    request.session.reload().await.unwrap();
    request.session.data.update_a(|a| *a += 1);
    request.respond(200).await;
    let reply =
        site.visit(&mut browser, |session: Session| async move { session.data.a().to_string() }).await;
    assert_eq!(reply.body, "3");
}

#[tokio::test]
async fn reloading_a_session_that_is_gone_is_an_error_each_time_and_leaves_it_empty() {
    for end in [Session::destroy, Session::renew] {
        let site = Site::new();
        let browser = site.started(|session| session.data.set_name("ada")).await;
        let request = site.open(&browser).await;
        let session = &request.session;
        site.visit_as(&browser, move |session: Session| async move { end(&session) }).await;
        let left = site.store.len();
        assert!(matches!(session.reload().await, Err(Error::Gone)));
        assert_eq!(session.data.name(), "nobody");
        assert!(!session.is_valid());
        assert!(session.id().is_none());
        assert!(matches!(session.reload().await, Err(Error::Gone)));

        session.data.set_a(1u32);
        assert!(!request.respond(200).await.has_set_cookie());
        assert_eq!(site.store.len(), left);
        assert_eq!(site.stored(&browser).await, None);
    }
}

#[tokio::test]
async fn reloading_while_the_store_fails_leaves_everything_as_it_was() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    request.session.data.set_a(1u32);
    site.store.break_down(Verb::Load);
    let failed = request.session.reload().await;
    assert!(matches!(failed, Err(Error::Load(StoreError::Unavailable(_)))));
    assert_eq!(site.errors.take().len(), 1);
    assert_eq!(request.session.data.read(|bag| (bag.name.clone(), bag.a)), ("ada".to_owned(), 1));
    request.respond(200).await;
    assert_eq!(site.calls(), [Verb::Load, Verb::Load, Verb::Update]);
}

#[tokio::test]
async fn reloading_what_is_not_stored_yet_drops_its_changes_without_a_store_call() {
    let site = Site::new();
    let request = site.open(&Browser::new()).await;
    request.session.data.set_a(1u32);
    request.session.reload().await.unwrap();
    assert_eq!(request.session.data.a(), 0);
    assert!(!request.respond(200).await.has_set_cookie());
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn reloading_brings_nothing_of_a_destroyed_session_back() {
    let site = Site::new();
    let mut browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    request.session.destroy();
    request.session.reload().await.unwrap();
    assert_eq!(request.session.data.name(), "nobody");
    assert!(request.session.is_new());
    request.session.data.set_a(1u32);
    browser.take_cookies(&request.respond(200).await);
    assert_eq!(site.calls(), [Verb::Load, Verb::Destroy, Verb::Create]);
    assert_eq!(site.store.len(), 1);
    assert_eq!(site.stored(&browser).await.unwrap().fields().count(), 1);
}

#[tokio::test]
async fn a_renewal_that_was_requested_outlasts_reloading() {
    let site = Site::new();
    let browser = site.started(|session| session.data.set_name("ada")).await;
    let request = site.open(&browser).await;
    request.session.renew();
    request.session.reload().await.unwrap();
    assert_ne!(request.respond(200).await.set_cookie().value(), browser.token());
    assert_eq!(site.stored(&browser).await, None);
}
