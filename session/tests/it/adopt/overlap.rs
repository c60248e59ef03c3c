//! Several requests with the old cookie at once.

use super::old_store::OldStore;
use super::{Account, NOBODY, Session, USER, map, site, user, visitor};
use crate::support::{Browser, Site};

#[tokio::test]
async fn a_request_whose_predecessor_is_under_way_gets_the_same_session() {
    let (_, site) = site();
    let (mut first, mut second) = (visitor(), visitor());
    site.visit(&mut first, user).await;
    assert_eq!(site.visit(&mut second, user).await.body, USER);
    assert_eq!(first.cookies, second.cookies, "both have the one token");
}

#[tokio::test]
async fn of_two_requests_that_found_the_old_session_both_get_the_same_new_one_and_lose_no_write() {
    let mut old = OldStore::default();
    old.insert("one", r#"{"user_id": 7, "cart": ["tea"]}"#, 600);
    let gate = old.hold();
    let site = Site::with(|builder| builder.adopt::<Account>(old.clone(), map));
    let add = |session: Session| async move {
        session.data.update_cart(|cart| cart.push("cake".to_owned()));
    };
    let browsers: (Browser, Browser) = (visitor(), visitor());
    let open = async {
        // Both have found it.
        while old.lookups() < 2 {
            tokio::task::yield_now().await;
        }
        gate.close();
    };
    let requests = async { tokio::join!(site.visit_as(&browsers.0, add), site.visit_as(&browsers.1, user)) };
    let ((written, read), ()) = tokio::join!(requests, open);
    assert!(read.body.starts_with("Some(7)"), "{}", read.body);
    let (mut first, mut second) = browsers;
    first.take_cookies(&written);
    second.take_cookies(&read);
    assert_eq!(first.cookies, second.cookies);
    assert_eq!(site.visit(&mut second, user).await.body, r#"Some(7) ["tea", "cake"]"#);
    assert_eq!(site.store.inner.len(), 1, "the session of the second was destroyed");
}

#[tokio::test]
async fn a_client_that_did_not_get_the_response_tries_again_within_a_minute() {
    let (old, site) = site();
    site.visit(&mut visitor(), user).await;
    assert_eq!(site.visit(&mut visitor(), user).await.body, USER);
    old.forget_successors();
    assert_eq!(site.visit(&mut visitor(), user).await.body, NOBODY);
}
