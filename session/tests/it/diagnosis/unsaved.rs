//! Unsaved changes.

use http::HeaderMap;
use session::{Databag, Error};

use crate::support::{Bag, Browser, Session, Site, Verb};

pub(super) const UNSAVED: &str = "changes to a session were dropped unsaved; call `save().await` after making them, on a `Session` kept until then";

type Data = <Bag as Databag>::Accessors;

/// Returns only the accessors of a session whose response was sent.
async fn late(site: &Site, browser: &Browser) -> Data {
    let request = site.open(browser).await;
    let data = request.session.data.clone();
    request.respond(200).await;
    site.calls();
    data
}

#[tokio::test]
async fn a_task_that_captured_only_the_accessors_and_forgot_to_save_is_reported() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let (sender, mut tasks) = tokio::sync::mpsc::channel(1);
    let handler = move |session: Session| async move {
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            wait.await.unwrap();
            session.data.set_a(1u32);
        });
        sender.try_send((go, task)).unwrap();
    };
    site.visit_as(&browser, handler).await;
    let (go, task) = tasks.try_recv().unwrap();
    assert_eq!(site.errors.take(), [""; 0]);
    go.send(()).unwrap();
    task.await.unwrap();
    assert_eq!(site.errors.take(), [UNSAVED]);
}

#[tokio::test]
async fn changes_through_accessors_that_outlive_the_handles_are_reported_once_with_the_last_of_them() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let changes: [fn(&Data); 4] = [
        |data| data.set_a(1u32),
        |data| data.clear_name(),
        |data| data.update_items(|items| items.push("milk".into())),
        |data| drop(data.take_name()),
    ];
    for change in changes {
        for browser in [&browser, &Browser::new()] {
            let data = late(&site, browser).await;
            data.set_b(1u32);
            let other = data.clone();
            change(&data);
            drop(data);
            assert_eq!(site.errors.take(), [""; 0]);
            drop(other);
            assert_eq!(site.errors.take(), [UNSAVED]);
        }
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn accessors_that_changed_nothing_are_not_reported() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let uses: [fn(&Data); 4] = [
        |_| (),
        |data| data.read(|_| ()),
        |data| data.set_name("ada"),
        |data| {
            data.set_a(1u32);
            data.clear_a();
        },
    ];
    for used in uses {
        used(&late(&site, &browser).await);
        assert_eq!(site.errors.take(), [""; 0]);
    }
}

#[tokio::test]
async fn changes_by_hand_that_nobody_saves_are_reported() {
    let (manager, site) = Site::managed(|builder| builder);
    let created = manager.create().await.unwrap();
    let found = manager.get(created.token().unwrap()).await.unwrap();
    let never_stored = manager.load_from(&HeaderMap::new()).await.unwrap();
    for session in [created, found, never_stored] {
        session.data.set_a(1u32);
        drop(session);
        assert_eq!(site.errors.take(), [UNSAVED]);
    }
    assert_eq!(site.calls(), [Verb::Create, Verb::Load]);
}

#[tokio::test]
async fn a_destroy_or_a_renewal_by_hand_that_nobody_saves_is_reported() {
    let (manager, site) = Site::managed(|builder| builder);
    for action in [Session::destroy, Session::renew] {
        let session = manager.create().await.unwrap();
        action(&session);
        drop(session);
        assert_eq!(site.errors.take(), [UNSAVED]);
    }
}

#[tokio::test]
async fn nothing_is_reported_by_hand_where_nothing_is_lost_or_the_loss_was_answered() {
    let (manager, site) = Site::managed(|builder| builder);
    manager.load_from(&HeaderMap::new()).await.unwrap().destroy();
    assert_eq!(manager.load_from(&HeaderMap::new()).await.unwrap().data.name(), "nobody");
    let session = manager.create().await.unwrap();
    session.data.set_a(1u32);
    session.save().await.unwrap();
    drop(session.clone());
    manager
        .for_each(|_, data| {
            data.set_b(1u32);
            Ok::<_, Error>(())
        })
        .await
        .unwrap();

    manager.destroy(&manager.get(session.token().unwrap()).await.unwrap()).await.unwrap();
    session.data.set_a(2u32);
    assert!(matches!(session.save().await, Err(Error::Gone)));
    drop(session);
    assert_eq!(site.errors.take(), [""; 0]);

    let session = manager.create().await.unwrap();
    session.data.set_a(1u32);
    site.store.break_down(Verb::Update);
    assert!(matches!(session.save().await, Err(Error::Save(_))));
    assert_eq!(site.errors.take().len(), 1);
    drop(session);
    assert_eq!(site.errors.take(), [""; 0]);
}

#[tokio::test]
async fn a_request_that_is_given_up_before_its_response_is_not_reported() {
    let site = Site::new();
    let browser = site.visitor("ada").await;
    let request = site.open(&browser).await;
    request.session.data.set_a(1u32);
    request.abandon().await;
    assert_eq!(site.errors.take(), [""; 0]);
}
