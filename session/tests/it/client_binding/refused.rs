//! Sign-ins that the store refuses, and layers that do not read the client.

use session::{ClientChange, Evict, SessionManager};

use super::{AGENT, Account, OTHER_AGENT, Session, client, remembered, user};
use crate::support::{Browser, Site, SpyStore, Verb};

#[tokio::test]
async fn a_sign_in_beyond_the_limit_binds_nobody() {
    let store = SpyStore::<session::MemoryStore>::default();
    let configure = |builder: session::Builder<SessionManager<Account>>| {
        builder.trust_proxy(true).max_sessions_per_principal(1, Evict::Reject)
    };
    let builder = SessionManager::builder(store.clone());
    let (_, site) = Site::build(builder, store, configure, SessionManager::layer);
    super::signed_in(&site, AGENT, "203.0.113.7").await;

    let refused = |session: Session| async move {
        session.data.set_user("ada");
        assert!(session.save().await.is_err());
        remembered(session).await
    };
    let mut other = client(&Browser::new(), OTHER_AGENT, "198.51.100.1");
    let reply = site.visit(&mut other, refused).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "None None"));
    assert!(!reply.has_set_cookie());
    assert_eq!(site.calls(), [Verb::CreateLimited], "nothing is left to be stored");
}

#[tokio::test]
async fn a_layer_that_does_not_read_the_client_refuses_the_databag() {
    let site = Site::new();
    let reply = site.visit_as(&Browser::new(), user).await;
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains("`on_client_change(…)`"), "{}", reply.body);
    let errors = site.errors.take();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("binds the field `agent` to the client"), "{errors:?}");
    let view = |session: crate::support::Session| async move {
        for _ in 0..2 {
            let error = session.view::<Account>().err().unwrap();
            assert!(matches!(error, session::ConfigError::ClientNotRead { field: "agent", .. }));
        }
    };
    assert_eq!(site.visit_as(&Browser::new(), view).await.status, 200);
}

#[tokio::test]
async fn a_databag_without_bound_fields_needs_no_setting_and_may_have_it() {
    let site = Site::with(|builder| builder.on_client_change(ClientChange::End));
    let browser = site.visitor("ada").await;
    assert_eq!(site.name_of(&browser).await, "ada");
}
