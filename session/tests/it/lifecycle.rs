//! How tokens and sessions begin, change and end.

use crate::support::{Browser, Session, Site, Verb};

#[tokio::test]
async fn without_a_cookie_an_idle_handler_costs_no_store_call_and_no_cookie() {
    let site = Site::new();
    let reply = site.visit(&mut Browser::new(), |_: Session| async {}).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), []);
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_first_write_creates_one_session_and_later_requests_see_it() {
    let site = Site::new();
    let mut browser = Browser::new();
    site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
    assert_eq!(site.calls(), [Verb::Create]);
    assert_eq!(site.store.len(), 1);

    let reply = site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
    assert_eq!(reply.body, "ada");
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::Load]);
}
