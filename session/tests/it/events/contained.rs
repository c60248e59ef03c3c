//! Listeners do not affect requests, even if they panic, and cost nothing if there are none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use session::store::{DynStore, Wrapper};
use session::{Evict, MemoryStore, Refusal, SessionLayer, Timestamp, Token};

use super::{Session, recorded};
use crate::support::handlers::{destroy, read, renew, write};
use crate::support::{Browser, Capture, Site, SpyStore, Verb, seconds};

#[tokio::test]
async fn a_listener_that_panics_does_not_affect_the_response() {
    let site = Site::with(|builder| builder.on_event(|event| panic!("the listener panics at {event:?}")));
    let mut browser = site.visitor("ada").await;
    for reply in [
        site.visit(&mut browser, renew).await,
        site.visit(&mut browser, read).await,
        site.visit(&mut browser, destroy).await,
        site.visit(&mut Browser::with_cookie("__Host-session", "?"), read).await,
    ] {
        assert_eq!(reply.status, 200);
    }
    assert_eq!(site.store.len(), 0);
}

/// Counts the queries for the reason of a refusal.
#[derive(Default)]
struct CountingRefusals {
    store: MemoryStore,
    times: Arc<AtomicUsize>,
}

impl Wrapper for CountingRefusals {
    fn inner(&self) -> &dyn DynStore {
        &self.store
    }

    async fn refusal(&self, token: &Token, now: Timestamp) -> Refusal {
        self.times.fetch_add(1, Ordering::SeqCst);
        self.inner().refusal(token, now).await
    }
}

#[tokio::test]
async fn the_reason_is_requested_only_where_somebody_listens() {
    for (listens, expected) in [(false, 0), (true, 1)] {
        let store = CountingRefusals::default();
        let times = Arc::clone(&store.times);
        let site = Site::on(
            SpyStore::over(store),
            |builder| {
                if listens { builder.on_event(|_| {}) } else { builder }
            },
        );
        site.visit(&mut Browser::with_cookie("__Host-session", "?"), read).await;
        assert_eq!(times.load(Ordering::SeqCst), expected);
        assert_eq!(site.calls(), [Verb::Load]);
    }
}

/// A store whose `refusal` hangs.
struct HangingRefusal(MemoryStore);

impl Wrapper for HangingRefusal {
    fn inner(&self) -> &dyn DynStore {
        &self.0
    }

    async fn refusal(&self, _: &Token, _: Timestamp) -> Refusal {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_say_why_in_time_delays_nobody() {
    let events = super::Events::default();
    let site = Site::on(SpyStore::over(HangingRefusal(MemoryStore::new())), |builder| {
        builder.io_timeout(seconds(1)).on_event(events.listen())
    });
    let reply = site.visit(&mut Browser::with_cookie("__Host-session", "?"), read).await;
    assert_eq!(reply.status, 200);
    assert_eq!(events.take(), [super::refused(Refusal::Unknown)]);
}

#[tokio::test]
async fn events_are_not_logged() {
    let (manager, site, _events) = recorded(|builder| builder.max_sessions_per_principal(1, Evict::Oldest));
    let capture = Capture::start();
    for _ in 0..20 {
        site.visit(&mut Browser::with_cookie("__Host-session", "?"), read).await;
        let (mut browser, _) = site.signed_in("ada").await;
        site.visit(&mut browser, |session: Session| async move { session.data.clear_user() }).await;
        site.signed_in("eve").await;
        manager.destroy_all("eve", None).await.unwrap();
    }
    let lines = capture.lines();
    assert!(lines.is_empty(), "{lines:?}");
}

#[tokio::test]
async fn two_live_sessions_in_one_request_are_logged_a_few_times_however_often_they_come() {
    let events = super::Events::default();
    let site = Site::with(|builder| builder.on_event(events.listen()));
    let (mut one, two) = (site.visitor("ada").await, site.visitor("eve").await);
    one.cookies.extend(two.cookies);
    events.take();
    let capture = Capture::start();
    for _ in 0..100 {
        site.visit_as(&one, read).await;
    }
    let lines = capture.lines();
    assert_eq!(lines.len(), 7, "1, 2, 4 … 64: {lines:?}");
    assert_eq!(events.take(), [super::refused(Refusal::Duplicate); 100]);
    assert_eq!(site.warnings.take().len(), 100);
}

#[tokio::test]
async fn a_layer_has_events_without_a_manager() {
    let events = super::Events::default();
    let (_, site) = Site::build(
        SessionLayer::builder(MemoryStore::new()),
        SpyStore::<MemoryStore>::default(),
        |builder| builder.on_event(events.listen()),
        SessionLayer::clone,
    );
    site.visit(&mut Browser::new(), write).await;
    assert_eq!(events.take().len(), 1);
}
