//! Events of sign-ins beyond the limit of sessions.

use session::{EndReason, Evict, SessionEvent};

use super::{Session, on_each_server};
use crate::support::{Browser, Log};

async fn sign_in(session: Session) {
    session.data.set_user("ada");
}

#[tokio::test]
async fn the_session_that_makes_room_is_reported_as_evicted() {
    let log = Log::default();
    let deletions = || {
        let log = log.clone();
        move |builder: super::Managed| {
            builder.max_sessions_per_principal(1, Evict::Oldest).on_deleted(move |id, data| {
                log.push(format!("{id} {:?} {}", data.user(), data.name()));
            })
        }
    };
    on_each_server!(deletions(), |_, site, events| {
        let (_, first) = site.signed_in("ada").await;
        events.take();

        let (_, second) = site.signed_in("ada").await;
        assert_eq!(
            events.take(),
            [
                SessionEvent::Ended { id: first, how: EndReason::Evicted },
                SessionEvent::Started { id: second },
                SessionEvent::SignedIn { id: second },
            ]
        );
        assert_eq!(log.take(), [format!("{first} Some(\"ada\") nobody")]);

        let mut visitor = Browser::new();
        site.visit(&mut visitor, |session: Session| async move { session.data.set_name("ada") }).await;
        let third = site.id_of(&visitor).await;
        events.take();
        site.visit(&mut visitor, sign_in).await;
        assert_eq!(
            events.take(),
            [
                SessionEvent::Ended { id: second, how: EndReason::Evicted },
                SessionEvent::Renewed { id: third },
                SessionEvent::SignedIn { id: third },
            ]
        );
        assert_eq!(log.take(), [format!("{second} Some(\"ada\") nobody")]);
    });
}

#[tokio::test]
async fn a_refused_sign_in_is_reported_and_is_none() {
    let limit = |builder: super::Managed| builder.max_sessions_per_principal(1, Evict::Reject);
    on_each_server!(limit, |_, site, events| {
        site.signed_in("ada").await;
        events.take();
        let reply = site.visit_as(&Browser::new(), sign_in).await;
        assert_eq!(reply.status, 409);
        assert_eq!(events.take(), [SessionEvent::LimitReached { id: None }]);

        let mut visitor = Browser::new();
        site.visit(&mut visitor, |session: Session| async move { session.data.set_name("ada") }).await;
        let id = site.id_of(&visitor).await;
        events.take();
        assert_eq!(site.visit(&mut visitor, sign_in).await.status, 409);
        assert_eq!(events.take(), [SessionEvent::LimitReached { id: Some(id) }]);
    });
}
