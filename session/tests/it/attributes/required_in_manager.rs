//! Required fields with a manager.

use http::HeaderMap;
use session::{ConfigError, Error, SessionManager};

use super::required::{Account, Before, Other, SecondFactor, assert_warned};
use crate::support::Site;

/// Returns managers of the previous and the current version, on one store.
fn managers() -> (SessionManager<Before>, SessionManager<Account>, Site) {
    let site = Site::new();
    let before = SessionManager::builder(site.store.clone()).clock(&site.clock).build().unwrap();
    let warnings = site.warnings.clone();
    let now = SessionManager::builder(site.store.clone())
        .clock(&site.clock)
        .on_warning(move |warning| warnings.push_error(warning))
        .build()
        .unwrap();
    (before, now, site)
}

#[tokio::test]
async fn by_hand_such_a_session_is_not_found() {
    let (before, manager, site) = managers();
    let session = before.create().await.unwrap();
    session.data.set_user("ada");
    session.save().await.unwrap();
    let token = session.token().unwrap();
    assert!(manager.find(&token).await.unwrap().is_none());
    assert_warned(&site, "Account");
    assert!(matches!(manager.get(&token).await, Err(Error::NotFound)));
    let mut headers = HeaderMap::new();
    headers.insert("cookie", format!("__Host-session={}", token.expose()).parse().unwrap());
    let loaded = manager.load_from(&headers).await.unwrap();
    assert!(loaded.is_new() && loaded.id().is_none() && loaded.data.user().is_none());
    // A list is read-only.
    assert_eq!(manager.sessions_of("ada").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_view_that_requires_the_field_is_refused_after_the_session_was_used() {
    let (before, _, site) = managers();
    let session = before.create().await.unwrap();
    session.data.set_user("ada");
    session.save().await.unwrap();
    let token = session.token().unwrap();
    let session = before.find(&token).await.unwrap().unwrap();
    assert_eq!(session.data.user().as_deref(), Some("ada"));
    let refusal = session.view::<SecondFactor>().unwrap_err();
    assert!(matches!(refusal, ConfigError::RequiredLate { field: "pending", .. }));
    assert!(session.data.user().is_none());
    session.save().await.unwrap();
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn reading_a_session_anew_that_lost_the_field_finds_it_gone() {
    let (_, manager, site) = managers();
    let session = manager.create().await.unwrap();
    session.data.set_user("ada");
    session.data.set_pending(true);
    session.save().await.unwrap();
    let token = session.token().unwrap();
    let other = SessionManager::<Other>::builder(site.store.clone()).clock(&site.clock).build().unwrap();
    let beside = other.get(&token).await.unwrap();
    beside.data.clear_pending();
    beside.save().await.unwrap();
    assert!(matches!(session.reload().await, Err(Error::Gone)));
    assert!(session.data.user().is_none() && !session.is_valid());
    assert_warned(&site, "Account");
}
