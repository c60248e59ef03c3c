//! Sessions that do not fit into their cookies.

use std::sync::{Arc, Mutex};

use session::{CookieStore, Error, StoreError};

use crate::sealed::site::{FailingRevocations, Sealed, key, revocable, sealing, stateless};
use crate::support::handlers::read;
use crate::support::{Browser, Session, Site, SpyStore, Verb};

/// Fills the session with more data than a cookie can hold.
async fn overfill(session: Session) {
    session.data.set_name("eve");
    session.data.set_notice("x".repeat(4096));
}

#[tokio::test]
async fn a_session_that_does_not_fit_is_an_error_and_the_previous_cookie_still_opens() {
    let site = stateless();
    let mut browser = site.ada().await;
    let reply = site.visit(&mut browser, overfill).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (500, ""));
    assert!(!reply.has_set_cookie());
    assert_eq!(reply.header("cache-control"), None);
    assert_eq!(site.calls(), [Verb::Load, Verb::Update]);
    let errors = site.errors.take();
    assert_eq!(errors.len(), 1);
    let start = "the session could not be saved; nothing was written: the session takes ";
    assert!(errors[0].starts_with(start) && errors[0].contains(" bytes, the limit is 4096: "), "{errors:?}");
    assert_eq!(site.name(&browser).await, "ada");
}

#[tokio::test]
async fn a_new_session_that_does_not_fit_is_an_error_too() {
    let site = stateless();
    let reply = site.visit(&mut Browser::new(), overfill).await;
    assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (500, false));
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.errors.take().len(), 1);
}

#[tokio::test]
async fn the_hook_and_an_explicit_save_receive_it_as_a_type_of_its_own() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&reported);
    let store = CookieStore::builder(key(1), "shop").stateless().unwrap();
    let site: Sealed = Site::on(SpyStore::over(store), |builder| {
        builder.on_error(move |error| {
            if let Error::Save(StoreError::TooLarge { actual, limit }) = error {
                hook.lock().unwrap().push((*actual, *limit));
            }
        })
    });
    let mut browser = site.ada().await;
    site.visit(&mut browser, overfill).await;
    let first = std::mem::take(&mut *reported.lock().unwrap());
    assert!(matches!(first[..], [(4097.., 4096)]), "{first:?}");

    let reply = site
        .visit(&mut browser, async |session: Session| {
            overfill(session.clone()).await;
            let refused = session.save().await;
            assert!(matches!(refused, Err(Error::Save(StoreError::TooLarge { limit: 4096, .. }))));
            session.data.clear_notice();
        })
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reported.lock().unwrap().len(), 1);
    reply.set_cookie();
    assert_eq!(site.name(&browser).await, "eve");
}

#[tokio::test]
async fn a_list_does_not_receive_what_was_never_sealed() {
    let list = Arc::new(FailingRevocations::default());
    let site = revocable(&list);
    let mut browser = site.ada().await;
    assert_eq!(site.visit(&mut browser, overfill).await.status, 500);
    site.errors.take();
    site.calls();
    site.at(100);
    assert_eq!(site.visit_as(&browser, read).await.body, "ada");
}

#[tokio::test]
async fn every_cookie_keeps_within_4096_bytes_of_name_and_value() {
    let site = stateless();
    let mut browser = Browser::new();
    let mut longest = 0;
    for bytes in (2700..3100).step_by(16) {
        let fill = move |session: Session| async move { session.data.set_notice("x".repeat(bytes)) };
        let reply = site.visit(&mut browser, fill).await;
        if reply.status == 200 {
            longest = longest.max("__Host-session".len() + browser.token().len());
        } else {
            assert_eq!(site.errors.take().len(), 1);
        }
    }
    assert!((4010..=4096).contains(&longest), "{longest}");
}

#[tokio::test]
async fn chunks_have_their_limit_too() {
    let site = sealing(CookieStore::builder(key(1), "shop").chunked(2));
    let mut browser = site.holding(5000).await;
    assert_eq!(browser.cookies.len(), 2);
    let grow = async |session: Session| session.data.set_notice("x".repeat(7000));
    let reply = site.visit(&mut browser, grow).await;
    assert_eq!((reply.status.as_u16(), reply.has_set_cookie()), (500, false));
    assert_eq!(site.errors.take().len(), 1);
    site.calls();
    assert_eq!(site.name(&browser).await, "ada");
}
