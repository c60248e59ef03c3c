//! Events of sessions that start, sign in, change their principal, sign out and end, through their handles.

use session::{EndReason, SessionEvent};

use super::{Session, on_each_server};
use crate::support::{Browser, Verb};

#[tokio::test]
async fn a_visitor_that_signs_in_is_started_then_renewed_and_signed_in_under_one_handle_id() {
    on_each_server!(|builder| builder, |_, site, events| {
        let mut browser = Browser::new();
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
        let id = site.id_of(&browser).await;
        assert_eq!(events.take(), [SessionEvent::Started { id }]);

        site.visit(&mut browser, |session: Session| async move { session.data.set_user("ada") }).await;
        assert_eq!(site.id_of(&browser).await, id);
        assert_eq!(events.take(), [SessionEvent::Renewed { id }, SessionEvent::SignedIn { id }]);
    });
}

#[tokio::test]
async fn a_session_that_begins_with_a_principal_is_started_and_signed_in() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (_, id) = site.signed_in("ada").await;
        assert_eq!(events.take(), [SessionEvent::Started { id }, SessionEvent::SignedIn { id }]);
    });
}

#[tokio::test]
async fn a_session_that_is_used_renewed_or_signed_in_again_is_no_sign_in() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut browser, id) = site.signed_in("ada").await;
        events.take();
        site.visit(&mut browser, |session: Session| async move { session.data.name() }).await;
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
        site.visit(&mut browser, |session: Session| async move { session.data.set_user("ada") }).await;
        assert_eq!(events.take(), []);
        site.visit(&mut browser, |session: Session| async move { session.renew() }).await;
        assert_eq!(events.take(), [SessionEvent::Renewed { id }]);
    });
}

#[tokio::test]
async fn a_principal_that_proves_their_identity_again_is_reauthenticated() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut browser, id) = site.signed_in("ada").await;
        events.take();
        site.visit(&mut browser, |session: Session| async move { session.authenticated() }).await;
        assert_eq!(events.take(), [SessionEvent::Renewed { id }, SessionEvent::Reauthenticated { id }]);

        let mut nobody = Browser::new();
        site.visit(&mut nobody, |session: Session| async move { session.data.set_name("eve") }).await;
        events.take();
        site.visit(&mut nobody, |session: Session| async move { session.authenticated() }).await;
        assert_eq!(events.take(), []);
    });
}

#[tokio::test]
async fn clearing_the_principal_signs_out_ends_the_session_and_starts_another() {
    on_each_server!(|builder| builder, |_, site, events| {
        for status in [200, 500] {
            let (mut browser, before) = site.signed_in("ada").await;
            events.take();
            let leave = move |session: Session| async move {
                session.data.clear_user();
                http::StatusCode::from_u16(status).unwrap()
            };
            site.visit(&mut browser, leave).await;
            let id = site.id_of(&browser).await;
            assert_ne!(id, before);
            assert_eq!(
                events.take(),
                [
                    SessionEvent::SignedOut { id: before },
                    SessionEvent::Ended { id: before, how: EndReason::PrincipalChanged },
                    SessionEvent::Started { id },
                ]
            );
        }
    });
}

#[tokio::test]
async fn another_principal_takes_the_session_over_under_a_handle_id_of_its_own() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut browser, before) = site.signed_in("ada").await;
        events.take();
        site.visit(&mut browser, |session: Session| async move { session.data.set_user("eve") }).await;
        let id = site.id_of(&browser).await;
        assert_eq!(
            events.take(),
            [
                SessionEvent::PrincipalChanged { before, id },
                SessionEvent::Ended { id: before, how: EndReason::PrincipalChanged },
                SessionEvent::Started { id },
            ]
        );
    });
}

#[tokio::test]
async fn a_takeover_whose_response_fails_is_a_sign_out_only() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (mut browser, before) = site.signed_in("ada").await;
        events.take();
        let fail = |session: Session| async move {
            session.data.set_user("eve");
            http::StatusCode::INTERNAL_SERVER_ERROR
        };
        site.visit(&mut browser, fail).await;
        assert_eq!(events.take()[0], SessionEvent::SignedOut { id: before });
    });
}

#[tokio::test]
async fn a_destroyed_session_is_a_sign_out_if_it_had_a_principal() {
    on_each_server!(|builder| builder, |_, site, events| {
        let destroy = |session: Session| async move { session.destroy() };
        let (mut browser, id) = site.signed_in("ada").await;
        events.take();
        site.visit(&mut browser, destroy).await;
        let ended = SessionEvent::Ended { id, how: EndReason::Destroyed };
        assert_eq!(events.take(), [SessionEvent::SignedOut { id }, ended]);

        let mut browser = Browser::new();
        site.visit(&mut browser, |session: Session| async move { session.data.set_name("ada") }).await;
        let id = site.id_of(&browser).await;
        events.take();
        site.visit(&mut browser, destroy).await;
        assert_eq!(events.take(), [SessionEvent::Ended { id, how: EndReason::Destroyed }]);
    });
}

#[tokio::test]
async fn what_the_store_did_not_do_is_not_reported() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (browser, _) = site.signed_in("ada").await;
        events.take();
        for verb in [Verb::Create, Verb::Renew, Verb::Destroy] {
            site.store.break_down(verb);
        }
        site.visit_as(&Browser::new(), |session: Session| async move { session.data.set_user("eve") }).await;
        site.visit_as(&browser, |session: Session| async move { session.data.set_user("eve") }).await;
        site.visit_as(&browser, |session: Session| async move { session.data.clear_user() }).await;
        site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
        assert_eq!(events.take(), []);
    });
}

#[tokio::test]
async fn a_write_to_a_session_that_is_gone_is_reported() {
    on_each_server!(|builder| builder, |_, site, events| {
        let (browser, id) = site.signed_in("ada").await;
        let writer = site.open_as::<super::Person>(&browser).await;
        writer.session.data.set_name("ada");
        site.visit_as(&browser, |session: Session| async move { session.destroy() }).await;
        events.take();
        writer.respond(200).await;
        assert_eq!(events.take(), [SessionEvent::Gone { id }]);
        assert_eq!(site.gone.take(), [id.to_string()]);
    });
}
