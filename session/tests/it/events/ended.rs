//! Events of sessions ended without their handle.

use session::{Databag, EndReason, HandleId, SessionEvent};

use super::{Events, Managed, Person, Session, on_each_server};
use crate::support::{Browser, Log};

/// Records the handle id, the user and the name in the data for each call of `on_deleted`.
fn deletions(log: &Log) -> impl FnOnce(Managed) -> Managed + use<> {
    let log = log.clone();
    move |builder| {
        builder.on_deleted(move |id: HandleId, data: &<Person as Databag>::Accessors| {
            log.push(format!("{id} {:?} {}", data.user(), data.name()));
        })
    }
}

/// Returns the handle ids of the sessions that ended in this way; there must be no other events.
fn ended(events: &Events, expected: EndReason) -> Vec<HandleId> {
    let id = |event| match event {
        SessionEvent::Ended { id, how } if how == expected => id,
        other => panic!("{other:?}"),
    };
    sorted(events.take().into_iter().map(id))
}

fn sorted(ids: impl IntoIterator<Item = HandleId>) -> Vec<HandleId> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn logging_out_everywhere_reports_each_session_and_its_principal_alone() {
    let log = Log::default();
    on_each_server!(deletions(&log), |manager, site, events| {
        let (_, spared) = site.signed_in("ada").await;
        let (mut named, one) = site.signed_in("ada").await;
        site.visit(&mut named, |session: Session| async move { session.data.set_name("lovelace") }).await;
        let (_, two) = site.signed_in("ada").await;
        site.signed_in("eve").await;
        events.take();

        assert_eq!(manager.destroy_all("ada", Some(spared)).await.unwrap(), 2);
        assert_eq!(ended(&events, EndReason::Everywhere), sorted([one, two]));
        let mut deleted = log.take();
        deleted.sort_unstable();
        let mut expected = [one, two].map(|id| format!("{id} Some(\"ada\") nobody"));
        expected.sort_unstable();
        assert_eq!(deleted, expected);

        assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 1);
        assert_eq!(ended(&events, EndReason::Everywhere), [spared]);
        assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 0);
        assert_eq!(events.take(), []);
        log.take();
    });
}

#[tokio::test]
async fn ending_by_another_value_reports_each_session() {
    let log = Log::default();
    on_each_server!(deletions(&log), |manager, site, events| {
        let mut browser = Browser::new();
        site.visit(&mut browser, |session: Session| async move { session.data.set_tenant("acme") }).await;
        let id = site.id_of(&browser).await;
        events.take();
        assert_eq!(manager.destroy_where(|of| of.set_tenant("acme"), None).await.unwrap(), 1);
        assert_eq!(ended(&events, EndReason::Everywhere), [id]);
        assert_eq!(log.take(), [format!("{id} None nobody")]);
    });
}

#[tokio::test]
async fn ending_by_handle_id_reports_the_session_once() {
    let log = Log::default();
    on_each_server!(deletions(&log), |manager, site, events| {
        let (_, one) = site.signed_in("ada").await;
        let (_, two) = site.signed_in("ada").await;
        events.take();
        for _ in 0..2 {
            manager.destroy_one("eve", one).await.unwrap();
            manager.destroy_one("ada", one).await.unwrap();
        }
        assert_eq!(ended(&events, EndReason::ByHandleId), [one]);
        for _ in 0..2 {
            manager.destroy_by_id(two).await.unwrap();
        }
        assert_eq!(ended(&events, EndReason::ByHandleId), [two]);
        assert_eq!(log.take(), [format!("{one} Some(\"ada\") nobody"), format!("{two} None nobody")]);
    });
}

#[tokio::test]
async fn a_session_that_expired_is_not_reported_as_ended() {
    on_each_server!(|builder| builder, |manager, site, events| {
        site.signed_in("ada").await;
        events.take();
        site.at(1800);
        assert_eq!(manager.destroy_all("ada", None).await.unwrap(), 0);
        assert_eq!(events.take(), []);
    });
}

#[tokio::test]
async fn clearing_the_store_is_one_event() {
    let log = Log::default();
    on_each_server!(deletions(&log), |manager, site, events| {
        site.signed_in("ada").await;
        site.signed_in("eve").await;
        events.take();
        assert_eq!(manager.clear().await.unwrap(), 2);
        assert_eq!(events.take(), [SessionEvent::Cleared { sessions: 2 }]);
        assert!(log.take().is_empty());
    });
}
