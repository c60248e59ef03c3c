//! When adopted sessions end, and what their principal may do.

use std::time::Duration;

use super::{Account, NOBODY, Session, USER, map, old_store::OldStore, user, visitor, with};
use crate::support::{Site, seconds};

#[tokio::test]
async fn the_deadlines_are_those_of_the_settings_counted_from_the_adoption() {
    let (_, site) = with(|builder| builder.lifetime(seconds(3000)));
    site.at(500);
    let mut browser = visitor();
    site.visit(&mut browser, user).await;
    for (at, expected) in [(2200, USER), (3499, USER), (3500, NOBODY)] {
        site.at(at);
        assert_eq!(site.visit(&mut browser, user).await.body, expected, "at {at} s");
    }
}

#[tokio::test]
async fn the_mapping_can_keep_the_old_end() {
    let old = OldStore::default();
    old.insert("one", r#"{"user_id": 7, "cart": ["tea"]}"#, 600);
    let site = Site::with(|builder| {
        builder.adopt::<Account>(old, |old, session| {
            if let Some(end) = old.expires_at() {
                session.set_end(end);
            }
            map(old, session)
        })
    });
    let mut browser = visitor();
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
    site.at(599);
    assert_eq!(site.visit(&mut browser, user).await.body, USER);
    site.at(600);
    assert_eq!(site.visit(&mut browser, user).await.body, NOBODY);
}

#[tokio::test]
async fn adoption_is_no_authentication() {
    let (_, site) = with(|builder| builder);
    let mut browser = visitor();
    let is_fresh = |session: Session| async move {
        format!("{:?} {}", session.data.user(), session.is_fresh(Duration::from_secs(60)))
    };
    assert_eq!(site.visit(&mut browser, is_fresh).await.body, "Some(7) false");
    site.visit(&mut browser, |session: Session| async move { session.authenticated() }).await;
    assert_eq!(site.visit(&mut browser, is_fresh).await.body, "Some(7) true");
}
